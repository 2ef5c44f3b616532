import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { accessMigrations } from '../rows/create-control-plane.migration.js';
import { RefusedRequests, type RefusalFilter, type RefusedRequest } from './refused-requests.js';

let testDatabase: TestDatabase;
let pool: Pool;
let owner: Pool;
let requests: RefusedRequests;

beforeAll(async () => {
  testDatabase = await createTestDatabase(accessMigrations);
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
  owner = new pg.Pool({ connectionString: testDatabase.ownerUrl, max: 1 });
  requests = new RefusedRequests(new TenantDatabase(pool), { mostKept: 50, keptDays: 30 });
  for (const [id, status] of [
    ['acme', 'active'],
    ['globex', 'active'],
    ['gone', 'offboarded'],
  ])
    await owner.query(
      "INSERT INTO tenants (id, display_name, status, settings, created_at, changed_at) VALUES ($1, 'x', $2, '{}', now(), now())",
      [id, status],
    );
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await testDatabase.drop();
});
beforeEach(() => owner.query('TRUNCATE refused_requests'));

const start = Date.now() - 3_600_000;
const refusal = (n: number, change: Partial<RefusedRequest> = {}): RefusedRequest => ({
  time: new Date(start + n * 1000),
  requestId: `r${n}`,
  actor: { kind: 'token', id: 'okta' },
  method: 'POST',
  resourceType: 'User',
  resourceId: undefined,
  status: 409,
  scimType: 'uniqueness',
  code: 'claim-taken',
  times: 1,
  ...change,
});
const newest = { time: new Date(Date.now() + 60_000), id: '0' };
const found = async (tenantId = 'acme', filter: RefusalFilter = {}, limit = 100) =>
  (await requests.page(tenantId, filter, { before: newest, limit })).map(({ requestId }) => requestId);
const count = async () =>
  (await owner.query<{ n: number }>('SELECT count(*)::int AS n FROM refused_requests')).rows[0]?.n;

describe('F27 refused requests', () => {
  it('are read as they were written, newest first', async () => {
    const bare = refusal(2, { actor: undefined, resourceType: undefined, scimType: undefined, status: 401, times: 9 });
    await requests.add('acme', [refusal(1, { resourceId: 'u1' }), bare]);
    const page = await requests.page('acme', {}, { before: newest, limit: 10 });
    expect(page.map(({ id: _id, ...rest }) => rest)).toEqual([bare, refusal(1, { resourceId: 'u1' })]);
  });

  it('are paged without gaps or doubles, those of one moment included', async () => {
    await requests.add(
      'acme',
      Array.from({ length: 20 }, (_, n) => refusal(Math.floor(n / 7), { requestId: `r${n}` })),
    );
    const seen: string[] = [];
    let before = newest;
    for (;;) {
      const page = await requests.page('acme', {}, { before, limit: 3 });
      const last = page.at(-1);
      if (last === undefined) break;
      seen.push(...page.map(({ requestId }) => requestId));
      before = { time: last.time, id: last.id };
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, n) => `r${19 - n}`));
  });

  it('are found by actor, resource and time', async () => {
    await requests.add('acme', [
      refusal(1),
      refusal(2, { actor: { kind: 'client', id: 'entra' } }),
      refusal(3, { resourceId: 'u1' }),
    ]);
    expect(await found('acme', { actor: 'entra' })).toEqual(['r2']);
    expect(await found('acme', { actor: 'token:okta' })).toEqual(['r3', 'r1']);
    expect(await found('acme', { resource: 'u1' })).toEqual(['r3']);
    expect(await found('acme', { from: refusal(2).time, to: refusal(2).time })).toEqual(['r2']);
  });

  it('are those of one tenant, and of no tenant that there is not', async () => {
    await requests.add('acme', [refusal(1)]);
    await requests.add('globex', [refusal(2)]);
    await requests.add('nobody', [refusal(3)]);
    await requests.add('gone', [refusal(4)]);
    expect([await found('acme'), await found('globex'), await count()]).toEqual([['r1'], ['r2'], 2]);
  });

  it('are capped: the newest of a tenant stay, whatever a flood brings, and those of others', async () => {
    await requests.add('globex', [refusal(0)]);
    for (let n = 0; n < 5; n += 1)
      await requests.add(
        'acme',
        Array.from({ length: 700 }, (_, i) => refusal(n * 700 + i)),
      );
    const kept = await found();
    expect([kept.length, kept[0], kept.at(-1)]).toEqual([50, 'r3499', 'r3450']);
    expect(await count()).toBe(51);
  });

  it('are kept for so many days', async () => {
    await requests.add('acme', [refusal(1), refusal(2)]);
    await owner.query("UPDATE refused_requests SET refused_at = now() - interval '31 days' WHERE request_id = 'r1'");
    expect(await found()).toEqual(['r2']);
    await requests.purge();
    expect(await count()).toBe(1);
  });
});
