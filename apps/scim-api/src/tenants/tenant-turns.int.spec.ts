import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createServicePool } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { TenantTurns } from './tenant-turns.js';

let database: TestDatabase;
let pools: readonly Pool[];
/** Of two processes. */
let one: TenantTurns;
let other: TenantTurns;

beforeAll(async () => {
  database = await createTestDatabase([]);
  pools = [1, 2].map(() => createServicePool({ url: database.ownerUrl, applicationName: 'test', max: 2 }));
  [one, other] = pools.map((pool) => new TenantTurns(pool)) as [TenantTurns, TenantTurns];
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.end()));
  await database.drop();
});

it('work of a tenant is done one after the other in all processes; a failure ends one turn alone', async () => {
  let [atOnce, most, done] = [0, 0, 0];
  const work = async (fails: boolean) => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await new Promise((go) => setImmediate(go));
    atOnce -= 1;
    if (fails) throw new Error('refused');
    done += 1;
  };
  const all = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? one : other).take('acme', () => work(n % 4 === 0)));
  const answers = await Promise.allSettled(all);
  expect([most, done, answers.filter(({ status }) => status === 'rejected').length]).toEqual([1, 30, 10]);
});

it('tenants do not wait for each other', async () => {
  let go: () => void = () => undefined;
  const held = one.take('acme', () => new Promise<void>((resolve) => (go = resolve)));
  await other.take('globex', async () => undefined);
  go();
  await held;
});
