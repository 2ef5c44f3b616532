import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { AddIdempotencyKeys1767225600420 } from './add-idempotency-keys.migration.js';
import { IdempotencyKeys, type RepeatableRequest } from './idempotency-keys.js';

let testDatabase: TestDatabase;
let pool: Pool;
let owner: Pool;
let keys: IdempotencyKeys;

beforeAll(async () => {
  testDatabase = await createTestDatabase([AddIdempotencyKeys1767225600420]);
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
  owner = new pg.Pool({ connectionString: testDatabase.ownerUrl, max: 1 });
  keys = new IdempotencyKeys(new TenantDatabase(pool));
});
afterAll(async () => {
  await Promise.all([pool.end(), owner.end()]);
  await testDatabase.drop();
});

const request = (key: string, change: Partial<RepeatableRequest> = {}): RepeatableRequest => ({
  tenantId: 'acme',
  actor: { kind: 'token', id: 'okta' },
  endpoint: 'Users',
  key,
  body: { userName: 'bjensen' },
  ...change,
});
const ages = () => owner.query(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours'`);

it('a key stands for the resource of its first request', async () => {
  expect(await keys.reserve(request('a'), 'first')).toEqual({ resourceId: 'first', sameBody: true });
  expect(await keys.reserve(request('a'), 'second')).toEqual({ resourceId: 'first', sameBody: true });
  expect(await keys.reserve(request('a', { body: { userName: 'other' } }), 'third')).toEqual({
    resourceId: 'first',
    sameBody: false,
  });
});

it('one of many that come at once is first', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, (_, n) => keys.reserve(request('race'), `r${n}`)));
  expect(new Set(made.map(({ resourceId }) => resourceId)).size).toBe(1);
});

it.each<readonly [string, Partial<RepeatableRequest>]>([
  ['R125 tenant', { tenantId: 'umbrella' }],
  ['credential', { actor: { kind: 'token', id: 'entra' } }],
  ['endpoint', { endpoint: 'Groups' }],
])('means nothing to another %s', async (name, change) => {
  await keys.reserve(request(name), 'mine');
  expect(await keys.reserve(request(name, change), 'theirs')).toEqual({ resourceId: 'theirs', sameBody: true });
});

it('may be taken again after a day, and is swept away by others', async () => {
  await keys.reserve(request('old'), 'old');
  await keys.reserve(request('forgotten'), 'forgotten');
  await ages();
  expect(await keys.reserve(request('old', { body: {} }), 'new')).toEqual({ resourceId: 'new', sameBody: true });
  const { rows } = await owner.query(`SELECT resource_id FROM idempotency_keys WHERE tenant_id = 'acme'`);
  expect(rows).toEqual([{ resource_id: 'new' }]);
});

it('is free again when nothing was created under it', async () => {
  await keys.reserve(request('released'), 'one');
  await keys.release(request('released'), 'another');
  expect(await keys.reserve(request('released'), 'two')).toMatchObject({ resourceId: 'one' });
  await keys.release(request('released'), 'one');
  expect(await keys.reserve(request('released'), 'two')).toMatchObject({ resourceId: 'two' });
});

it('neither key nor body stands in the table', async () => {
  await keys.reserve(request('secret-key'), 'x');
  const { rows } = await owner.query('SELECT * FROM idempotency_keys');
  expect(JSON.stringify(rows)).not.toMatch(/secret-key|bjensen/);
});
