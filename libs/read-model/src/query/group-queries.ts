import { groupSchema, type Attributes, type ResourceSchema } from '#scim';
import type { GroupRecord, MemberOfGroup, Page } from './resource-records.js';
import { nextPlace, type PlacedColumns } from './keyset.js';
import type { ResourceReader, StateColumns } from './resource-reader.js';
import {
  findStatement,
  getStatement,
  sameTenant,
  type CompiledStatement,
  type FindResources,
  type ResourceTable,
} from './resource-statement.js';

/** Whether the answer will show members: otherwise nothing reads them (R78). */
export interface ShownOfGroup {
  readonly members: boolean;
}

export interface GroupColumns extends StateColumns, PlacedColumns {
  id: string | null;
  attributes: Attributes;
  revision: number;
  created_at: Date;
  changed_at: Date;
  members?: readonly { id: string; kind: 'User' | 'Group'; display: string | null }[] | null;
}

/** Groups of one tenant. Every answer reflects every write acknowledged before the call. */
export class GroupQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** Undefined for an id unknown to the tenant. Errors as ResourceReader.rows. */
  async get(tenantId: string, id: string, shown: ShownOfGroup): Promise<GroupRecord | undefined> {
    const statement = getStatement(this.reader.context(tenantId), groupTable(groupSchema, shown), id);
    const [row] = await this.reader.rows<GroupColumns>(tenantId, withMembers(statement, shown));
    return row === undefined ? undefined : toGroup(row, shown);
  }

  /** One page and the number of all matches. `schema` is the tenant's, when it has extensions of its own. Errors as ResourceReader.rows. */
  async find(
    tenantId: string,
    query: FindResources,
    shown: ShownOfGroup,
    schema: ResourceSchema = groupSchema,
  ): Promise<Page<GroupRecord>> {
    const table = groupTable(schema, shown);
    const rows = await this.reader.found<GroupColumns>(tenantId, (context) =>
      withMembers(findStatement(context, table, query), shown),
    );
    const resources = rows.flatMap((row) => toGroup(row, shown) ?? []);
    return { totalResults: rows[0]?.total ?? 0, resources, next: nextPlace(rows, query.filter !== undefined) };
  }
}

/** One group may have a million members: what shows them is no quick look-up. */
const withMembers = (statement: CompiledStatement, { members }: ShownOfGroup): CompiledStatement =>
  members && statement.reach === 'few' ? { ...statement, reach: 'range' } : statement;

/** Where they stand, and what an answer reads of them. */
export const groupTable = (schema: ResourceSchema, { members }: ShownOfGroup): ResourceTable => ({
  schema,
  table: 'read_groups',
  columns: [
    'r.id, r.attributes, r.revision, r.created_at, r.changed_at',
    ...(members ? [`(${membersOfGroup}) AS members`] : []),
  ],
});

/** What a member is called is derived: a rename shows at once and touches no group. One look-up a member, however many others there are. */
export const membersOfGroup = `SELECT json_agg(json_build_object('id', m.member_id, 'kind', m.member_type, 'display', CASE m.member_type
    WHEN 'User' THEN (SELECT u.attributes ->> 'displayName' FROM read_users u WHERE ${sameTenant('u')} AND u.id = m.member_id)
    ELSE (SELECT n.attributes ->> 'displayName' FROM read_groups n WHERE ${sameTenant('n')} AND n.id = m.member_id) END)
    ORDER BY m.member_id)
  FROM read_memberships m WHERE ${sameTenant('m')} AND m.group_id = r.id`;

export const toGroup = (row: GroupColumns, shown: ShownOfGroup): GroupRecord | undefined =>
  row.id === null
    ? undefined
    : {
        id: row.id,
        attributes: row.attributes,
        revision: row.revision,
        createdAt: row.created_at,
        changedAt: row.changed_at,
        members: shown.members ? (row.members ?? []).map(toMember) : undefined,
      };

const toMember = ({
  id,
  kind,
  display,
}: {
  id: string;
  kind: 'User' | 'Group';
  display: string | null;
}): MemberOfGroup => (display === null ? { id, kind } : { id, kind, display });
