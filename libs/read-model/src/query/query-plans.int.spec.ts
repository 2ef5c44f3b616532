import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTarget, groupSchema, parseFilter, resolveFilter, userSchema, type ResourceSchema } from '#scim';
import { createStage, type Stage } from '../read-model.fixture.js';
import { findDirectoryStatement } from './directory-statement.js';
import type { Place } from './keyset.js';
import {
  findStatement,
  getStatement,
  type CompiledStatement,
  type FindResources,
  type ResourceTable,
} from './resource-statement.js';

const TENANT = 'large';
const USERS = 20_000;

let stage: Stage;

/** Rows as the projection would write them, made inside the database: 20,000 users of one tenant beside 20,000 of others. */
const fillTables = async (): Promise<void> => {
  const { owner } = stage;
  await owner.query(`INSERT INTO projection_generations (tenant_id, projection, generation, version, status, sequence, users_total, groups_total)
    SELECT t, 'directory', 1, 1, 'live', 1, ${USERS}, 200 FROM unnest('{${TENANT},b,c,d,e}'::text[]) t`);
  const document = `jsonb_build_object('userName', 'user' || n, 'title', 'Guide', 'emails', jsonb_build_array(jsonb_build_object('value', 'user' || n || '@example.com')))`;
  const source = `FROM (SELECT '${TENANT}' AS t, n FROM generate_series(1, ${USERS}) n
    UNION ALL SELECT (ARRAY['b','c','d','e'])[1 + n % 4], n FROM generate_series(1, ${USERS}) n) s`;
  await owner.query(`INSERT INTO read_users (tenant_id, generation, id, revision, created_at, changed_at, external_id, display_name, attributes, search, active, user_name)
    SELECT t, 1, 'u' || lpad(n::text, 6, '0'), 0, now(), now() - make_interval(secs => n), 'x' || n, 'User ' || n, ${document}, ${document}, n % 10 > 0, 'user' || n ${source}`);
  await owner.query(
    `INSERT INTO read_emails SELECT t, 1, 'u' || lpad(n::text, 6, '0'), 0, 'user' || n || '@example.com', 'work', true ${source}`,
  );
  await owner.query(
    `INSERT INTO read_groups SELECT '${TENANT}', 1, 'g' || n, 0, now(), now(), 'x' || n, 'group ' || n, '{}', '{}' FROM generate_series(1, 200) n`,
  );
  await owner.query(
    `INSERT INTO read_memberships SELECT '${TENANT}', 1, 'g' || (1 + n % 200), 'u' || lpad(n::text, 6, '0'), 'User' FROM generate_series(1, ${USERS}) n`,
  );
  await owner.query(
    `INSERT INTO read_memberships SELECT '${TENANT}', 1, 'g1', 'u' || lpad(n::text, 6, '0'), 'User' FROM generate_series(1, ${USERS}) n ON CONFLICT DO NOTHING`,
  );
  await owner.query(`INSERT INTO tenant_heads VALUES ('${TENANT}', 1)`);
  await owner.query('VACUUM ANALYZE');
};

beforeAll(async () => {
  stage = await createStage();
  await fillTables();
}, 60_000);
afterAll(() => stage.close());

const context = { tenantId: TENANT, headInDatabase: true, baseUrl: 'https://id.example.com' };
const columns = ['r.id, r.attributes, r.revision'];
const users: ResourceTable = { schema: userSchema, table: 'read_users', columns };
const groups: ResourceTable = { schema: groupSchema, table: 'read_groups', columns };

const where = (filter: string, schema: ResourceSchema): FindResources => ({
  filter: resolveFilter(parseFilter(filter), schema),
  startIndex: 1,
  count: 100,
});

const after = (place: Place): FindResources => ({ startIndex: 1, count: 100, keyset: { after: place } });

const byUserName = (order: 'ascending' | 'descending'): FindResources['sort'] => {
  const target = findTarget(userSchema, 'userName');
  if (target.kind !== 'attribute') throw new Error('userName');
  return { by: { ...target, target: target.attribute }, order };
};

/** The plan that the service role gets, as text; `generic`: the one that a prepared statement ends up with. */
const planOf = async ({ text, values = [] }: CompiledStatement, generic = false): Promise<string> => {
  const { rows } = await stage.tenants.transaction(TENANT, async (tx) => {
    await tx.query({ text: `SET LOCAL plan_cache_mode = ${generic ? 'force_generic_plan' : 'force_custom_plan'}` });
    return tx.query<{ 'QUERY PLAN': string }>({ text: `EXPLAIN (ANALYZE, BUFFERS OFF, TIMING OFF) ${text}`, values });
  });
  return rows.map((row) => row['QUERY PLAN']).join('\n');
};

/** Tables read from end to end, save the 200 groups, which are one page. */
const scannedTables = (plan: string): readonly string[] =>
  [...plan.matchAll(/Seq Scan on (read_\w+)/g)].flatMap(([, table = '']) => (table === 'read_groups' ? [] : [table]));

/** Rows that were read in vain: an index that only finds the tenant would show here. */
const rowsInVain = (plan: string): number =>
  Math.max(0, ...[...plan.matchAll(/Rows Removed by (?:Join )?Filter: (\d+)/g)].map(([, rows]) => Number(rows)));

describe('plans as the service role, under row-level security', () => {
  it.each([
    ['a user by id', () => getStatement(context, users, 'u000500')],
    ['C-E2 userName eq', () => findStatement(context, users, where('userName eq "USER500"', userSchema))],
    ['C-E2 externalId eq', () => findStatement(context, users, where('externalId eq "x500"', userSchema))],
    ['displayName eq', () => findStatement(context, users, where('displayName eq "User 500"', userSchema))],
    ['id eq', () => findStatement(context, users, where('id eq "u000500"', userSchema))],
    ['userName sw', () => findStatement(context, users, where('userName sw "user50"', userSchema))],
    [
      'emails.value eq',
      () => findStatement(context, users, where('emails.value eq "user500@example.com"', userSchema)),
    ],
    [
      'C-E2 emails[type eq "work"].value eq',
      () => findStatement(context, users, where('emails[type eq "work"].value eq "user500@example.com"', userSchema)),
    ],
    [
      'X20 emails[type eq "work" and value eq]',
      () =>
        findStatement(context, users, where('emails[type eq "work" and value eq "user500@example.com"]', userSchema)),
    ],
    [
      'groups.value eq and userName eq',
      () => findStatement(context, users, where('groups.value eq "g7" and userName eq "user6"', userSchema)),
    ],
    [
      'C-E2 id eq and manager eq',
      () => findStatement(context, users, where('id eq "u000500" and manager eq "u000501"', userSchema)),
    ],
    ['C-E2 group displayName eq', () => findStatement(context, groups, where('displayName eq "group 7"', groupSchema))],
    ['members eq', () => findStatement(context, groups, where('members eq "u000500"', groupSchema))],
    ['members[value eq]', () => findStatement(context, groups, where('members[value eq "u000500"]', groupSchema))],
    [
      'C-E2 id eq and members eq',
      () => findStatement(context, groups, where('id eq "g1" and members eq "u000500"', groupSchema)),
    ],
    ['the first page', () => findStatement(context, users, { startIndex: 1, count: 100 })],
    ['a page in the middle', () => findStatement(context, users, { startIndex: 10_001, count: 100 })],
    [
      'P4 a page of all types after a place',
      () =>
        findDirectoryStatement(context, {
          ...after({ id: 'u010000', key: null }),
          users: { schema: userSchema, shown: { groups: true } },
          groups: { schema: groupSchema, shown: { members: false } },
          order: 'ascending',
        }),
    ],
    ['P4 a page after a place', () => findStatement(context, users, after({ id: 'u010000', key: null }))],
    [
      'P4 a page after a place by userName',
      () =>
        findStatement(context, users, { ...after({ id: 'u010000', key: 'user10000' }), sort: byUserName('ascending') }),
    ],
    [
      'P4 a page after a place by userName, descending',
      () =>
        findStatement(context, users, {
          ...after({ id: 'u010000', key: 'user10000' }),
          sort: byUserName('descending'),
        }),
    ],
  ])('%s reads no table from end to end', async (_, statement) => {
    for (const generic of [false, true]) {
      const plan = await planOf(statement(), generic);
      expect(scannedTables(plan)).toEqual([]);
      expect(rowsInVain(plan)).toBeLessThan(250);
    }
  });

  it.each([
    ['userName eq', where('userName eq "user500"', userSchema), users, true],
    ['userName eq and title co', where('userName eq "user500" and title co "uid"', userSchema), users, true],
    ['title co', where('title co "uid"', userSchema), users, false],
    ['not (userName eq)', where('not (userName eq "user500")', userSchema), users, false],
    ['members eq', where('members eq "u000500"', groupSchema), groups, true],
  ] as const)('%s knows whether an index serves it: %#', (_, query, table, indexed) =>
    expect(findStatement(context, table, query).reach !== 'all').toBe(indexed),
  );

  it('R78 a group without its members touches no membership row', async () => {
    const page = findStatement(context, groups, { startIndex: 1, count: 100 });
    for (const statement of [
      page,
      getStatement(context, groups, 'g1'),
      findStatement(context, groups, where('displayName eq "group 1"', groupSchema)),
    ]) {
      expect(statement.text).not.toContain('read_memberships');
      expect(await planOf(statement)).not.toContain('read_memberships');
    }
  });

  it('a page reads the documents of that page only', async () => {
    const plan = await planOf(findStatement(context, users, { startIndex: 10_001, count: 100 }));
    expect(plan).toMatch(/Index Only Scan using read_users_pkey/);
    expect(plan).toMatch(/Index Scan using read_users_pkey on read_users r .*actual rows=1(\.00)? loops=100/);
  });
});
