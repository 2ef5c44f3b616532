import { findDirectoryStatement, isFiltered, type FindDirectory } from './directory-statement.js';
import { toGroup, type GroupColumns } from './group-queries.js';
import { nextPlace, type Place, type PlacedColumns } from './keyset.js';
import type { GroupRecord, UserRecord } from './resource-records.js';
import type { ResourceReader } from './resource-reader.js';
import { toUser, type UserColumns } from './user-queries.js';

export type DirectoryRecord =
  { readonly kind: 'User'; readonly user: UserRecord } | { readonly kind: 'Group'; readonly group: GroupRecord };

export interface DirectoryPage {
  readonly totalResults: number;
  readonly records: readonly DirectoryRecord[];
  /** As in Page. */
  readonly next: Place | undefined;
}

type Columns = { id: string | null } & PlacedColumns &
  (({ kind: 'User' } & UserColumns) | ({ kind: 'Group' } & GroupColumns));

/** Users and groups of one tenant together. Every answer reflects every write acknowledged before the call. */
export class DirectoryQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** One page and the number of all matches of both types. Errors as ResourceReader.rows. */
  async find(tenantId: string, query: FindDirectory): Promise<DirectoryPage> {
    const rows = await this.reader.found<Columns>(tenantId, (context) => findDirectoryStatement(context, query));
    const records = rows.flatMap((row) => recordOf(row, query) ?? []);
    return { totalResults: rows[0]?.total ?? 0, records, next: nextPlace(rows, isFiltered(query)) };
  }
}

const recordOf = (row: Columns, { users, groups }: FindDirectory): DirectoryRecord | undefined => {
  if (row.kind === 'Group') {
    const group = toGroup(row, groups.shown);
    return group === undefined ? undefined : { kind: 'Group', group };
  }
  const user = toUser(row, users.shown);
  return user === undefined ? undefined : { kind: 'User', user };
};
