import type { Attributes } from '#scim';
import type { ResourceReader, StateColumns } from './resource-reader.js';
import { framed, sameTenant, type CompiledStatement, type StatementContext } from './resource-statement.js';

/** A group that a user is in, itself or through a group in it. */
export interface GroupOfMember {
  readonly id: string;
  readonly displayName?: string;
  readonly membership: 'direct' | 'indirect';
}

export interface MemberWithGroups {
  readonly id: string;
  readonly attributes: Attributes;
  readonly active: boolean;
  /** Ordered by id. */
  readonly groups: readonly GroupOfMember[];
}

interface Columns extends StateColumns {
  id: string | null;
  attributes: Attributes;
  active: boolean;
  groups: readonly { id: string; display: string | null; direct: boolean }[] | null;
}

/** Who is in which groups, through nested ones too. Every answer reflects every write acknowledged before the call. */
export class MembershipQueries {
  constructor(private readonly reader: ResourceReader) {}

  /** A user with all groups; undefined for an id that is no user of the tenant. Errors as ResourceReader.rows. */
  async ofUser(tenantId: string, id: string): Promise<MemberWithGroups | undefined> {
    const [row] = await this.reader.rows<Columns>(tenantId, memberStatement(this.reader.context(tenantId), id));
    if (row === undefined || row.id === null) return undefined;
    const { attributes, active } = row;
    return { id, attributes, active, groups: (row.groups ?? []).map(groupOf) };
  }
}

const groupOf = ({ id, display, direct }: NonNullable<Columns['groups']>[number]): GroupOfMember => ({
  id,
  ...(display === null ? {} : { displayName: display }),
  membership: direct ? 'direct' : 'indirect',
});

/** Memberships of groups that are there: rows of deleted ones may wait to be swept. A circle of groups ends, for no row comes twice. */
export const memberStatement = (context: StatementContext, id: string): CompiledStatement => ({
  text: framed(
    context,
    `SELECT r.id, r.attributes, r.active, 1 AS place, (
      WITH RECURSIVE above AS (
        SELECT m.group_id, TRUE AS direct FROM read_memberships m JOIN read_groups g ON ${sameTenant('g')} AND g.id = m.group_id
          WHERE ${sameTenant('m')} AND m.member_id = r.id
        UNION
        SELECT m.group_id, FALSE FROM above a
          JOIN read_memberships m ON ${sameTenant('m')} AND m.member_id = a.group_id
          JOIN read_groups g ON ${sameTenant('g')} AND g.id = m.group_id)
      SELECT json_agg(json_build_object('id', g.id, 'display', g.attributes ->> 'displayName', 'direct', a.direct) ORDER BY g.id)
        FROM (SELECT group_id, bool_or(direct) AS direct FROM above GROUP BY group_id) a
        JOIN read_groups g ON ${sameTenant('g')} AND g.id = a.group_id) AS groups
    FROM read_users r WHERE ${sameTenant('r')} AND r.id = $2`,
  ),
  values: [context.tenantId, id],
  reach: 'range',
});
