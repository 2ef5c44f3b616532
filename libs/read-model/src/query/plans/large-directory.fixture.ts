import type { ClientBase, Pool } from 'pg';

/** The tenant whose look-ups are planned. */
export const TENANT = 'large';

/** How many there are of everything. */
export interface DirectorySize {
  /** Of the tenant. */
  readonly users: number;
  /** Of four other tenants together. */
  readonly others: number;
  /** Of the tenant, and of the others together. The tenant's have the same number of members each, save the first, which has `MEMBERS_OF_FIRST` more. */
  readonly groups: number;
}

const MEMBERS_OF_FIRST = 100_000;

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const COST_CENTER = `${ENTERPRISE}:costCenter`;
/** What the tenant has marked indexed; nobody has a title that would tell people apart. */
export const INDEXES: readonly string[] = [COST_CENTER];

export const userId = (n: number): string => `u${String(n).padStart(7, '0')}`;
const userIdOf = (n: string): string => `'u' || lpad((${n})::text, 7, '0')`;

/** Rows as the projection would write them, made inside the database, and fresh statistics of them. `owner` is stopped by no policy. */
export const fillLargeDirectory = async (
  owner: Pool | ClientBase,
  { users, others, groups }: DirectorySize,
): Promise<void> => {
  const statements = [
    `INSERT INTO tenant_heads (tenant_id, sequence) VALUES ('${TENANT}', 1)`,
    `INSERT INTO projection_generations (tenant_id, projection, generation, version, status, sequence, users_total, groups_total, indexes)
      SELECT t, 'directory', 1, 1, 'live', 1, ${users}, ${groups}, '{${INDEXES.join()}}' FROM unnest('{${TENANT},b,c,d,e}'::text[]) t`,
    ...[own(users), othersOf(others)].flatMap(usersFrom),
    ...[own(groups), othersOf(groups)].map(groupsFrom),
    `INSERT INTO read_memberships (tenant_id, generation, group_id, member_id, member_type)
      SELECT '${TENANT}', 1, 'g' || (1 + n % ${groups}), ${userIdOf('n')}, 'User' FROM generate_series(1, ${users}) n`,
    `INSERT INTO read_memberships (tenant_id, generation, group_id, member_id, member_type)
      SELECT '${TENANT}', 1, 'g1', ${userIdOf('n')}, 'User' FROM generate_series(1, ${Math.min(users, MEMBERS_OF_FIRST)}) n
      ON CONFLICT DO NOTHING`,
    'VACUUM ANALYZE',
  ];
  for (const statement of statements) await owner.query(statement);
};

const own = (count: number): string => `SELECT '${TENANT}' AS t, n FROM generate_series(1, ${count}) n`;

const othersOf = (count: number): string =>
  `SELECT (ARRAY['b','c','d','e'])[1 + n % 4] AS t, n FROM generate_series(1, ${count}) n`;

/** The higher the number, the longer ago. */
const time = (n: string): string => `'2026-01-01T00:00:00Z'::timestamptz - make_interval(secs => ${n})`;

const groupsFrom = (source: string): string =>
  `INSERT INTO read_groups (tenant_id, generation, id, revision, created_at, changed_at, external_id, display_name, attributes, search)
    SELECT t, 1, 'g' || n, 0, ${time('n')}, ${time('n')}, 'x' || n, 'group ' || n,
      jsonb_build_object('displayName', 'Group ' || n, 'externalId', 'x' || n),
      jsonb_build_object('displayName', 'group ' || n, 'externalId', 'x' || n) FROM (${source}) s`;

const usersFrom = (source: string): readonly string[] => [
  `INSERT INTO read_users (tenant_id, generation, id, revision, created_at, changed_at, external_id, display_name, attributes, search, active, user_name)
    SELECT t, 1, ${userIdOf('n')}, 0, ${time('n')}, ${time('n')}, 'x' || n, 'user ' || n,
      jsonb_build_object('userName', 'User' || n, 'displayName', 'User ' || n, 'externalId', 'x' || n, 'title', 'Guide',
        'emails', jsonb_build_array(jsonb_build_object('value', 'User' || n || '@example.com', 'type', 'work', 'primary', TRUE)),
        '${ENTERPRISE}', jsonb_build_object('costCenter', 'CC' || n, 'manager', jsonb_build_object('value', ${userIdOf('1 + n / 10')}))),
      jsonb_build_object('userName', 'user' || n, 'displayName', 'user ' || n, 'externalId', 'x' || n, 'title', 'guide',
        'emails', jsonb_build_array(jsonb_build_object('value', 'user' || n || '@example.com', 'type', 'work', 'primary', TRUE)),
        '${ENTERPRISE}', jsonb_build_object('costCenter', 'cc' || n, 'manager', jsonb_build_object('value', ${userIdOf('1 + n / 10')}))),
      n % 50 > 0, 'user' || n FROM (${source}) s`,
  `INSERT INTO read_values (tenant_id, generation, path, resource_id, position, folded, exact)
    SELECT t, 1, '${COST_CENTER}', ${userIdOf('n')}, 0, 'cc' || n, 'CC' || n FROM (${source}) s`,
  `INSERT INTO read_emails (tenant_id, generation, user_id, position, value, type, is_primary)
    SELECT t, 1, ${userIdOf('n')}, 0, 'user' || n || '@example.com', 'work', TRUE FROM (${source}) s`,
];
