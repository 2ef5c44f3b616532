import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { effectiveSettings } from '#tenancy';
import { createServiceDataSource, createServicePool } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { LastUse } from '../guard/last-use.js';
import { accessEntities, OAuthClientRow, ScimTokenRow, TenantRow } from '../rows/control-rows.js';
import { accessMigrations } from '../rows/create-control-plane.migration.js';
import { PostgresTokenDirectory } from './postgres-token-directory.js';

const noon = new Date('2026-11-21T12:00:00Z');
let testDatabase: TestDatabase;
let database: DataSource;
let pool: Pool;

beforeAll(async () => {
  testDatabase = await createTestDatabase(accessMigrations);
  database = createServiceDataSource({ url: testDatabase.ownerUrl, entities: accessEntities, applicationName: 'test' });
  await database.initialize();
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test' });
  const times = { createdAt: noon, changedAt: noon };
  for (const id of ['acme', 'globex'])
    await database.manager.insert(TenantRow, { id, displayName: id, status: 'active', settings: {}, ...times });
  await database.manager.update(TenantRow, 'globex', { status: 'suspended', settings: { displayNameUnique: true } });
  const token = { name: 'okta', hash: 'sha256-x', scopes: ['scim' as const], createdAt: noon, expiresAt: noon };
  await database.manager.insert(ScimTokenRow, { id: 't1', tenantId: 'acme', ...token });
  await database.manager.insert(ScimTokenRow, { id: 't2', tenantId: 'globex', revokedAt: noon, ...token });
  const client = { name: 'entra', grantTypes: ['client_credentials' as const], redirectUris: [], createdAt: noon };
  await database.manager.insert(OAuthClientRow, { id: 'c1', tenantId: 'globex', enabled: false, ...client });
});
afterAll(async () => {
  await pool.end();
  await database.destroy();
  await testDatabase.drop();
});

const directory = () => new PostgresTokenDirectory(pool);
const acme = {
  tenantId: 'acme',
  status: 'active',
  settings: effectiveSettings({}),
  schemasRevision: 0,
};
const globex = {
  ...acme,
  tenantId: 'globex',
  status: 'suspended',
  settings: { ...acme.settings, displayNameUnique: true },
};

it('knows a token with its tenant', async () => {
  const token = { hash: 'sha256-x', expiresAt: noon, scopes: ['scim'] };
  expect(await directory().scimToken('t1')).toEqual({ tokenId: 't1', revoked: false, tenant: acme, ...token });
  expect(await directory().scimToken('t2')).toEqual({ tokenId: 't2', revoked: true, tenant: globex, ...token });
});

it('knows a client with its tenant, and a tenant', async () => {
  const expiry = (id: string, hours: number) =>
    database.query(`INSERT INTO revoked_access VALUES ('c1', $1, now() + $2 * interval '1 hour')`, [id, hours]);
  await Promise.all([expiry('revoked', 1), expiry('expired', -1)]);
  expect(await directory().client('c1')).toEqual({
    clientId: 'c1',
    enabled: false,
    revoked: new Set(['revoked']),
    tenant: globex,
  });
  expect(await directory().tenant('acme')).toEqual(acme);
});

it('an id of another kind or of none is unknown', async () => {
  expect(await directory().scimToken('c1')).toBeUndefined();
  expect(await directory().client('t1')).toBeUndefined();
  expect(await directory().tenant('nobody')).toBeUndefined();
});

it('the last use is written once a minute, and never goes back', async () => {
  const clock = { now: noon.getTime() };
  const uses = () => new LastUse(pool, fail, () => clock.now);
  const fail = (error: unknown) => {
    throw error;
  };
  const lastUsed = async () => (await database.manager.findOneByOrFail(ScimTokenRow, { id: 't1' })).lastUsedAt;
  const first = uses();
  first.note('t1');
  await first.flush();
  expect(await lastUsed()).toEqual(noon);

  clock.now += 59_000;
  first.note('t1');
  await first.flush();
  expect(await lastUsed()).toEqual(noon);

  clock.now += 1000;
  first.note('t1');
  await first.close();
  expect(await lastUsed()).toEqual(new Date(noon.getTime() + 60_000));

  clock.now -= 30_000;
  const slow = uses();
  slow.note('t1');
  await slow.flush();
  expect(await lastUsed()).toEqual(new Date(noon.getTime() + 60_000));
});
