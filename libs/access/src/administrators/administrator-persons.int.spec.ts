import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { accessMigrations } from '../rows/create-control-plane.migration.js';
import { AdministratorPersons } from './administrator-persons.js';

const now = new Date('2026-11-21T12:00:00Z');
const later = new Date('2026-11-28T12:00:00Z');

let testDatabase: TestDatabase;
let pool: Pool;
let persons: AdministratorPersons;

beforeAll(async () => {
  testDatabase = await createTestDatabase(accessMigrations);
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
  persons = new AdministratorPersons(new TenantDatabase(pool));
}, 60_000);
afterAll(async () => {
  await pool.end();
  await testDatabase.drop();
});

const babs = { id: 'a1', email: 'Babs@Example.com', displayName: 'Babs Jensen' };

it('R125 knows a person to the own tenant alone, by an address in any letters; without a tenant nobody is seen', async () => {
  expect(await persons.add('acme', babs)).toBe(true);
  expect(await persons.byEmail('acme', 'babs@EXAMPLE.com')).toEqual({ ...babs, passwordHash: undefined });
  expect(await persons.byEmail('globex', babs.email)).toBeUndefined();
  expect(await persons.of('globex')).toEqual(new Map());
  expect((await pool.query('SELECT * FROM administrator_persons')).rows).toEqual([]);
});

it('the same address is another person in another tenant', async () =>
  expect(await persons.add('globex', { ...babs, id: 'g1' })).toBe(true));

it('a person whose invitation was cut short is replaced, one who was invited is not', async () => {
  expect(await persons.add('acme', { ...babs, id: 'a2' })).toBe(true);
  await pool.query(`INSERT INTO tenants VALUES ('acme', 'Acme', 'active', '{}', $1, $1)`, [now]);
  await pool.query(`INSERT INTO administrators VALUES ('a2', 'acme', false, true, $1, $2)`, [now, later]);
  expect(await persons.add('acme', { ...babs, id: 'a3' })).toBe(false);
});

it('a link works until it expires or is used, and once', async () => {
  await persons.setLink('acme', 'a2', { secret: 'the secret', expiresAt: later });
  expect(await persons.byLink('acme', 'a2', 'the secret', now)).toMatchObject({ id: 'a2' });
  expect(await persons.byLink('globex', 'a2', 'the secret', now)).toBeUndefined();
  expect(await persons.byLink('acme', 'a2', 'the secret', later)).toBeUndefined();
  const uses = [1, 2, 3].map((n) => persons.choosePassword('acme', 'a2', { secret: 'the secret', now }, `hash ${n}`));
  expect((await Promise.all(uses)).filter((used) => used)).toHaveLength(1);
  expect(await persons.byLink('acme', 'a2', 'the secret', now)).toBeUndefined();
});
