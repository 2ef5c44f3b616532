import { userSchema, type Attributes, type ResourceSchema } from '#scim';
import { calledUsersStatement, type CalledUsers } from './called-users.js';
import type { GroupOfUser, Page, UserRecord } from './resource-records.js';
import { nextPlace, type PlacedColumns } from './keyset.js';
import type { ResourceReader, StateColumns } from './resource-reader.js';
import {
  findStatement,
  getStatement,
  sameTenant,
  type FindResources,
  type ResourceTable,
} from './resource-statement.js';

/** Derived parts that the answer will show: what it hides is not read. */
export interface ShownOfUser {
  readonly groups: boolean;
  readonly managerDisplayName?: boolean;
}

export interface UserColumns extends StateColumns, PlacedColumns {
  id: string | null;
  attributes: Attributes;
  active: boolean;
  revision: number;
  created_at: Date;
  changed_at: Date;
  groups?: readonly GroupOfUser[] | null;
  manager_display_name?: string | null;
}

/** Users of one tenant. Every answer reflects every write acknowledged before the call. */
export class UserQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** Undefined for an id unknown to the tenant. Errors as ResourceReader.rows. */
  async get(tenantId: string, id: string, shown: ShownOfUser): Promise<UserRecord | undefined> {
    const statement = getStatement(this.reader.context(tenantId), userTable(userSchema, shown), id);
    const [row] = await this.reader.rows<UserColumns>(tenantId, statement);
    return row === undefined ? undefined : toUser(row, shown);
  }

  /** All who are called so, ordered by id. Errors as ResourceReader.rows. */
  async called(tenantId: string, by: CalledUsers): Promise<readonly UserRecord[]> {
    const { columns } = userTable(userSchema, { groups: false });
    const statement = calledUsersStatement(this.reader.context(tenantId), columns, by);
    const rows = await this.reader.rows<UserColumns>(tenantId, statement);
    return rows.flatMap((row) => toUser(row, { groups: false }) ?? []);
  }

  /** One page and the number of all matches. `schema` is the tenant's, when it has extensions of its own. Errors as ResourceReader.rows. */
  async find(
    tenantId: string,
    query: FindResources,
    shown: ShownOfUser,
    schema: ResourceSchema = userSchema,
  ): Promise<Page<UserRecord>> {
    const table = userTable(schema, shown);
    const rows = await this.reader.found<UserColumns>(tenantId, (context) => findStatement(context, table, query));
    const resources = rows.flatMap((row) => toUser(row, shown) ?? []);
    return { totalResults: rows[0]?.total ?? 0, resources, next: nextPlace(rows, query.filter !== undefined) };
  }
}

/** Where they stand, and what an answer reads of them. */
export const userTable = (
  schema: ResourceSchema,
  { groups, managerDisplayName = false }: ShownOfUser,
): ResourceTable => ({
  schema,
  table: 'read_users',
  columns: [
    'r.id, r.attributes, r.active, r.revision, r.created_at, r.changed_at',
    ...(groups ? [`(${groupsOfUser}) AS groups`] : []),
    ...(managerDisplayName ? [`(${nameOfManager}) AS manager_display_name`] : []),
  ],
});

/** The join drops deleted groups whose membership rows are not swept yet. */
export const groupsOfUser = `SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName') ORDER BY g.id)
  FROM read_memberships m JOIN read_groups g ON ${sameTenant('g')} AND g.id = m.group_id
  WHERE ${sameTenant('m')} AND m.member_id = r.id`;

export const nameOfManager = `SELECT b.attributes ->> 'displayName' FROM read_users b WHERE ${sameTenant('b')}
  AND b.id = r.attributes #>> '{urn:ietf:params:scim:schemas:extension:enterprise:2.0:User,manager,value}'`;

export const toUser = (row: UserColumns, shown: ShownOfUser): UserRecord | undefined =>
  row.id === null
    ? undefined
    : {
        id: row.id,
        attributes: row.attributes,
        active: row.active,
        revision: row.revision,
        createdAt: row.created_at,
        changedAt: row.changed_at,
        groups: shown.groups ? (row.groups ?? []).map(named) : undefined,
        managerDisplayName: row.manager_display_name ?? undefined,
      };

const named = ({ id, display }: { readonly id: string; readonly display?: string | null }): GroupOfUser =>
  typeof display === 'string' ? { id, display } : { id };
