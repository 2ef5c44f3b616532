import type pg from 'pg';
import type { Directory, Group, User } from './directory.js';

const live = (table: string) =>
  `${table} r JOIN projection_generations g
     ON g.tenant_id = r.tenant_id AND g.generation = r.generation AND g.status = 'live' AND r.tenant_id = $1`;

/** A tenant's directory as the rows of its read model have it, past every query of the product. */
export const recount = async (pool: pg.Pool, tenantId: string): Promise<Directory> => {
  const users = await pool.query<User>(
    `SELECT id, attributes->>'userName' AS "userName", attributes->>'title' AS title, active FROM ${live('read_users')}`,
    [tenantId],
  );
  const groups = await pool.query<Group>(
    `SELECT id, attributes->>'displayName' AS "displayName" FROM ${live('read_groups')}`,
    [tenantId],
  );
  const memberships = await pool.query<{ edge: string }>(
    `SELECT group_id || '/' || member_id AS edge FROM ${live('read_memberships')}`,
    [tenantId],
  );
  return { users: users.rows, groups: groups.rows, memberships: memberships.rows.map(({ edge }) => edge) };
};

/** The memberships that decisions go by. */
export const membershipIndex = async (pool: pg.Pool, tenantId: string): Promise<Pick<Directory, 'memberships'>> => {
  const { rows } = await pool.query<{ edge: string }>(
    `SELECT source_id || '/' || target_id AS edge FROM edges e
     WHERE tenant_id = $1 AND NOT gone
       AND NOT EXISTS (SELECT FROM gone_sources g WHERE g.tenant_id = e.tenant_id AND g.source_id = e.source_id)`,
    [tenantId],
  );
  return { memberships: rows.map(({ edge }) => edge) };
};

/** Rules that hold for one tenant whatever happened: names by row, names by claim, and the totals that are kept beside the rows. */
export const brokenRules = async (pool: pg.Pool, tenantId: string): Promise<readonly string[]> => {
  const names = await pool.query<{ user_name: string }>(
    `SELECT user_name FROM ${live('read_users')} GROUP BY user_name HAVING count(*) > 1`,
    [tenantId],
  );
  const claims = await pool.query<{ holder: string; claims: number; exists: boolean }>(
    `WITH last AS (
       SELECT DISTINCT ON (stream_name) type, data->>'resourceId' AS holder FROM events
       WHERE tenant_id = $1 AND stream_name LIKE 'claim-%' ORDER BY stream_name, revision DESC
     ), held AS (
       SELECT holder, count(*)::int AS claims FROM last WHERE type = 'ClaimTaken' GROUP BY holder
     ), people AS (
       SELECT id FROM ${live('read_users')}
     )
     SELECT coalesce(holder, id) AS holder, coalesce(claims, 0) AS claims, id IS NOT NULL AS exists
     FROM held FULL JOIN people ON id = holder WHERE claims IS DISTINCT FROM 1 OR id IS NULL`,
    [tenantId],
  );
  const totals = await pool.query<{ kept: string; counted: string }>(
    `SELECT users_total || ' users, ' || groups_total || ' groups' AS kept, counted
     FROM projection_generations JOIN LATERAL (
       SELECT (SELECT count(*) FROM ${live('read_users')}) || ' users, '
         || (SELECT count(*) FROM ${live('read_groups')}) || ' groups' AS counted) AS c ON true
     WHERE tenant_id = $1 AND status = 'live' AND users_total || ' users, ' || groups_total || ' groups' <> counted`,
    [tenantId],
  );
  return [
    ...names.rows.map(({ user_name }) => `two users have the name ${user_name}`),
    ...claims.rows.map(
      ({ holder, claims: held, exists }) => `the ${exists ? 'user' : 'missing user'} ${holder} holds ${held} names`,
    ),
    ...totals.rows.map(({ kept, counted }) => `the read model says ${kept}, and has ${counted}`),
  ];
};
