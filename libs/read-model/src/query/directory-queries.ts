import { findDirectoryStatement, isFiltered, type FindDirectory } from './directory-statement.js';
import { toGroup, type GroupColumns } from './group-queries.js';
import { nextPlace, type Place, type PlacedColumns } from './keyset.js';
import { toCustom, type CustomColumns } from './custom-queries.js';
import type { GroupRecord, ResourceRecord, UserRecord } from './resource-records.js';
import type { ResourceReader } from './resource-reader.js';
import { toUser, type UserColumns } from './user-queries.js';

export type DirectoryRecord =
  | { readonly kind: 'User'; readonly user: UserRecord }
  | { readonly kind: 'Group'; readonly group: GroupRecord }
  | { readonly kind: 'Custom'; readonly resourceType: string; readonly resource: ResourceRecord };

export interface DirectoryPage {
  readonly totalResults: number;
  readonly records: readonly DirectoryRecord[];
  /** As in Page. */
  readonly next: Place | undefined;
}

/** `kind` is the name of the resource type. */
type Columns = { kind: string } & PlacedColumns & UserColumns & GroupColumns & CustomColumns;

/** All resources of one tenant together. Every answer reflects every write acknowledged before the call. */
export class DirectoryQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** One page and the number of all matches of all types. Errors as ResourceReader.rows. */
  async find(tenantId: string, query: FindDirectory): Promise<DirectoryPage> {
    const rows = await this.reader.found<Columns>(tenantId, (context) => findDirectoryStatement(context, query));
    const records = rows.flatMap((row) => recordOf(row, query) ?? []);
    return { totalResults: rows[0]?.total ?? 0, records, next: nextPlace(rows, isFiltered(query)) };
  }
}

const recordOf = (row: Columns, { users, groups }: FindDirectory): DirectoryRecord | undefined => {
  switch (row.kind) {
    case 'User': {
      const user = toUser(row, users.shown);
      return user === undefined ? undefined : { kind: 'User', user };
    }
    case 'Group': {
      const group = toGroup(row, groups.shown);
      return group === undefined ? undefined : { kind: 'Group', group };
    }
    default: {
      const resource = toCustom(row);
      return resource === undefined ? undefined : { kind: 'Custom', resourceType: row.kind, resource };
    }
  }
};
