import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, newTenant, write, type TestDatabase } from '#testing';
import { eventLogMigrations, PostgresEventLog, PostgresSnapshotStore } from './index.js';
import { snapshotOf } from './snapshot.fixture.js';

let database: TestDatabase;
let pool: Pool;
let tenants: TenantDatabase;
let store: PostgresSnapshotStore;
let t: string;

beforeAll(async () => {
  database = await createTestDatabase(eventLogMigrations);
  pool = createServicePool({ url: database.ownerUrl, applicationName: 'snapshots' });
  tenants = new TenantDatabase(pool);
  store = new PostgresSnapshotStore(tenants);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  t = newTenant();
  const log = new PostgresEventLog(pool);
  const key = { tenantId: t, subjectId: 'u1', wrappedKey: Uint8Array.of(1), tenantKeyVersion: 1 };
  await log.append({ streams: [write(t, 's', 'no-stream', 1)], subjectKeys: [key] });
  await log.close();
});

const newest = (limit = {}, stateVersion = 1) => store.newest(t, `user-${t}+u1`, stateVersion, limit);
const destroyKey = (subjectId: string) =>
  tenants.query(t, {
    text: 'DELETE FROM subject_keys WHERE tenant_id = $1 AND subject_id = $2',
    values: [t, subjectId],
  });

it('gives back the newest of a stream, or the newest all of whose events count', async () => {
  const [first, second] = [
    snapshotOf(t, { revision: 10 }),
    snapshotOf(t, { revision: 20, latestAt: new Date(Date.UTC(2027, 0)) }),
  ];
  await store.save(first);
  await store.save(second);
  expect(await newest()).toEqual(second);
  expect(await newest({ revision: 20 })).toEqual(second);
  expect(await newest({ revision: 19 })).toEqual(first);
  expect(await newest({ revision: 9 })).toBeUndefined();
  expect(await newest({ time: second.latestAt })).toEqual(second);
  expect(await newest({ time: second.changedAt })).toEqual(first); // an event before the last one is later
  expect(await newest({ time: new Date(0) })).toBeUndefined();
});

it('keeps the first of a revision: two processes may make it at once', async () => {
  const [one, other] = [snapshotOf(t), snapshotOf(t)];
  await Promise.all([store.save(one), store.save(one)]);
  await store.save(other);
  expect(await newest()).toEqual(one);
});

it('knows other versions and other tenants apart, and drops older versions of a stream', async () => {
  await store.save(snapshotOf(t));
  expect(await newest({}, 2)).toBeUndefined();
  expect(await store.newest(newTenant(), `user-${t}+u1`, 1, {})).toBeUndefined();
  await store.save(snapshotOf(t, { stateVersion: 2 }));
  expect(await newest({}, 2)).toBeDefined();
  expect(await newest({}, 1)).toBeUndefined();
});

it('loses the snapshots of a subject with its key, and takes none when it is gone', async () => {
  await store.save(snapshotOf(t));
  await destroyKey('u1');
  expect(await newest()).toBeUndefined();
  await store.save(snapshotOf(t));
  expect(await newest()).toBeUndefined();
});
