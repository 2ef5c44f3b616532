import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createServicePool } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { accessMigrations } from '../rows/create-control-plane.migration.js';
import { FailureCounts } from './failure-counts.js';

const limit = { failures: 3, withinMs: 60_000 };
let testDatabase: TestDatabase;
let pool: Pool;
let now = new Date('2026-11-21T12:00:00Z');
const counts = () => new FailureCounts(pool, () => now);

beforeAll(async () => {
  testDatabase = await createTestDatabase(accessMigrations);
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
}, 60_000);
afterAll(async () => {
  await pool.end();
  await testDatabase.drop();
});

it('R19 failures at several replicas, at the same time, are counted together', async () => {
  expect(await counts().waitMs('babs', limit)).toBe(0);
  await Promise.all([1, 2, 3].map(() => counts().count('babs', limit)));
  expect(await counts().waitMs('babs', limit)).toBe(60_000);
  expect(await counts().waitMs('another', limit)).toBe(0);
});

it('are over after their time, and count anew', async () => {
  now = new Date(now.getTime() + 60_001);
  expect(await counts().waitMs('babs', limit)).toBe(0);
  await counts().count('babs', limit);
  expect(await counts().waitMs('babs', limit)).toBe(0);
});

it('a success forgets them', async () => {
  for (let i = 0; i < 3; i++) await counts().count('nora', limit);
  await counts().forget('nora');
  expect(await counts().waitMs('nora', limit)).toBe(0);
});

it('say not whose they are, and are swept away', async () => {
  await counts().count('somebody@example.com', limit);
  const all = async () => JSON.stringify((await pool.query('SELECT * FROM failure_counts')).rows);
  expect(await all()).not.toContain('example.com');
  now = new Date(now.getTime() + 120_000);
  await counts().purge();
  expect(await all()).toBe('[]');
});
