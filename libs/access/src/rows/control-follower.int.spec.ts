import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import { CommandRunner, controlStreamName, DomainError, EventStore, InMemoryEventLog } from '#event-sourcing';
import { createServiceDataSource, createServicePool } from '#postgres';
import { createTestDatabase, InMemorySealer, someMetadata, type TestDatabase } from '#testing';
import { controlStream, tenancyEvents, TenantRegistry, type ControlCommand } from '#tenancy';
import { PostgresTenantSchemas } from '../directory/tenant-schemas.js';
import { ControlFollower } from './control-follower.js';
import { ControlQueries } from './control-queries.js';
import { accessEntities, ControlActRow, ControlCheckpointRow, TenantRow } from './control-rows.js';
import { accessMigrations } from './create-control-plane.migration.js';

let testDatabase: TestDatabase;
let database: DataSource;
let pool: Pool;
let store: EventStore;
let registry: TenantRegistry;
let runner: CommandRunner;
let queries: ControlQueries;
const clock = { now: new Date('2026-11-21T12:00:00Z') };
const metadata = someMetadata();
let failed: (string | undefined)[] = [];

beforeEach(async () => {
  failed = [];
  testDatabase = await createTestDatabase(accessMigrations);
  database = createServiceDataSource({
    url: testDatabase.ownerUrl,
    entities: accessEntities,
    applicationName: 'test',
    max: 5,
  });
  await database.initialize();
  pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'test', max: 1 });
  store = new EventStore(new InMemoryEventLog(), new InMemorySealer(), tenancyEvents, randomUUID, () => undefined);
  registry = new TenantRegistry(store, () => clock.now);
  runner = new CommandRunner(store, new InMemorySealer(), {
    retryForMs: 5000,
    maxBatch: 10,
    cachedStates: 10,
    delay: async () => undefined,
    random: () => 0.5,
    now: () => clock.now,
    monotonicMs: () => performance.now(),
  });
  queries = new ControlQueries(database);
  clock.now = new Date('2026-11-21T12:00:00Z');
});

afterEach(async () => {
  await pool.end();
  await database.destroy();
  await testDatabase.drop();
});

const follower = () =>
  new ControlFollower(database, store, registry, {
    sweepEveryMs: 1000,
    actMayLastMs: 60_000,
    now: () => clock.now,
    onError: (tenantId) => failed.push(tenantId),
  });
const create = (tenantId: string) => registry.create({ tenantId, displayName: tenantId }, metadata);
const run = (tenantId: string, command: ControlCommand) =>
  runner.run(controlStream, { tenantId, resourceId: '', command, metadata });
const rename = (displayName: string): ControlCommand => ({ type: 'ChangeTenant', data: { displayName } });
const nameOf = async (tenantId: string) => (await queries.getTenant(tenantId))?.displayName;
const marks = () => database.manager.count(ControlActRow);

it('an act is seen in the rows when it resolves, and leaves no mark', async () => {
  const following = follower();
  await following.during('acme', () => create('acme'));
  await following.during('acme', () => run('acme', rename('Acme Inc.')));
  expect(await nameOf('acme')).toBe('Acme Inc.');
  expect(await marks()).toBe(0);
});

it('what the rules refused leaves no mark', async () => {
  await expect(follower().during('acme', () => run('acme', rename('x')))).rejects.toThrow(DomainError);
  expect(await marks()).toBe(0);
});

it('an act whose process died after the append is found by its mark, one that still runs is left alone', async () => {
  const died = new Promise<never>(() => undefined);
  void follower().during('acme', async () => {
    await create('acme');
    return died;
  });
  const other = follower();
  while ((await registered()).length === 0) await new Promise((resolve) => setImmediate(resolve));

  await other.sweep(); // too early: it may still be under way
  expect(await nameOf('acme')).toBeUndefined();

  clock.now = new Date(clock.now.getTime() + 1001);
  await other.sweep();
  expect(await nameOf('acme')).toBe('acme');
  expect(await marks()).toBe(1); // its append may still come

  clock.now = new Date(clock.now.getTime() + 60_000);
  await other.sweep();
  expect(await marks()).toBe(0);
});

const registered = async () => {
  const found = [];
  for await (const tenant of registry.registered()) found.push(tenant);
  return found;
};

it('an append whose outcome nobody knows keeps its mark for the sweep', async () => {
  const unknown = follower().during('acme', async () => {
    await create('acme');
    throw new Error('connection lost');
  });
  await expect(unknown).rejects.toThrow('connection lost');
  clock.now = new Date(clock.now.getTime() + 2000);
  await follower().sweep();
  expect(await nameOf('acme')).toBe('acme');
});

it('rows that are lost are made again from the streams at start', async () => {
  for (const tenantId of ['acme', 'globex']) await follower().during(tenantId, () => create(tenantId));
  await database.query('DELETE FROM control_checkpoints');
  await database.query('DELETE FROM tenants');
  const again = follower();
  await again.start();
  await again.close();
  expect((await queries.findTenants({ after: '', limit: 10 })).rows.map(({ id }) => id)).toEqual(['acme', 'globex']);
});

it('a tenant whose rows cannot be made is told of, and holds up no other', async () => {
  for (const tenantId of ['acme', 'globex']) await create(tenantId);
  await database.manager.insert(ControlCheckpointRow, { tenantId: 'acme', revision: -1 });
  const times = { createdAt: clock.now, changedAt: clock.now };
  await database.manager.insert(TenantRow, { id: 'acme', displayName: 'X', status: 'active', settings: {}, ...times });
  const following = follower();
  await following.start();
  await following.close();
  expect(failed).toEqual(['acme']);
  expect(await nameOf('globex')).toBe('globex');
});

it('many processes that catch up at once apply each event once', async () => {
  await create('acme');
  for (let i = 0; i < 20; i += 1) await run('acme', rename(`name ${i}`));
  await Promise.all(Array.from({ length: 8 }, () => follower().catchUp('acme')));
  expect(await nameOf('acme')).toBe('name 19');
  expect(await database.manager.findOneByOrFail(ControlCheckpointRow, { tenantId: 'acme' })).toMatchObject({
    revision: 20,
  });
});

it('every event of the control plane shows in the rows', async () => {
  const following = follower();
  const act = (command: ControlCommand) => following.during('acme', () => run('acme', command));
  const at = clock.now.toISOString();
  const expiresAt = '2027-11-21T12:00:00.000Z';
  await following.during('acme', () => create('acme'));
  const secret = (secretId: string) => ({ secretId, hash: `sha256-${secretId}`, expiresAt });
  await act({
    type: 'RegisterOAuthClient',
    data: {
      clientId: 'c1',
      name: 'entra',
      grantTypes: ['client_credentials'],
      redirectUris: [],
      secret: secret('s1'),
      at,
    },
  });
  await act({ type: 'AddOAuthClientSecret', data: { clientId: 'c1', secret: secret('s2'), at } });
  await act({ type: 'RevokeOAuthClientSecret', data: { clientId: 'c1', secretId: 's1' } });
  await act({ type: 'ChangeOAuthClient', data: { clientId: 'c1', name: 'okta', enabled: false } });
  const client = await queries.getClient('acme', 'c1');
  expect(client).toMatchObject({ name: 'okta', enabled: false, secrets: [{ id: 's2', hash: 'sha256-s2' }] });
  await act({ type: 'ChangeOAuthClient', data: { clientId: 'c1', enabled: true } });
  expect(await queries.getClient('acme', 'c1')).toMatchObject({ enabled: true });
  await act({ type: 'DeleteOAuthClient', data: { clientId: 'c1' } });
  expect(await queries.getClient('acme', 'c1')).toBeUndefined();

  const token = { tokenId: 't1', name: 'okta', hash: 'sha256-t', expiresAt, scopes: ['scim'] as const };
  await act({ type: 'IssueScimToken', data: { ...token, at } });
  await act({ type: 'RevokeScimToken', data: { tokenId: 't1' } });
  const { rows } = await queries.findTokens('acme', { after: '', limit: 10 });
  expect(rows).toMatchObject([{ id: 't1', revokedAt: clock.now, scopes: ['scim'] }]);

  const settings = { rateLimit: { perSecond: 5, burst: 6 } };
  await act({ type: 'ChangeTenant', data: { displayName: 'Acme', suspended: true, settings } });
  expect(await queries.getTenant('acme')).toMatchObject({ displayName: 'Acme', status: 'suspended', settings });
  await act({ type: 'ChangeTenant', data: { suspended: false } });
  expect(await queries.getTenant('acme')).toMatchObject({ status: 'active' });
  await act({ type: 'OffboardTenant', data: {} });
  expect(await queries.getTenant('acme')).toMatchObject({ status: 'offboarded' });
});

it('an event of a newer release is passed over, and those after it are applied', async () => {
  await create('acme');
  const newer = { ...tenancyEvents, TenantMoved: { schemaVersion: 1, sealed: {} } };
  await new EventStore(store.log, new InMemorySealer(), newer, randomUUID, () => undefined).append({
    streams: [
      {
        tenantId: 'acme',
        streamName: controlStreamName('acme'),
        expected: 0,
        events: [{ event: { type: 'TenantMoved', data: {} }, metadata }],
      },
    ],
    time: clock.now,
  });
  await run('acme', rename('Acme'));
  await follower().catchUp('acme');
  expect(await nameOf('acme')).toBe('Acme');
});

it('tenants never meet: an act on one changes no row of another', async () => {
  for (const tenantId of ['acme', 'globex']) await follower().during(tenantId, () => create(tenantId));
  const before = await database.manager.findOneByOrFail(TenantRow, { id: 'globex' });
  await follower().during('acme', () => run('acme', { type: 'ChangeTenant', data: { suspended: true } }));
  expect(await database.manager.findOneByOrFail(TenantRow, { id: 'globex' })).toEqual(before);
});

it('R124 the schemas of a tenant stand in rows of their own, and a number tells that they changed', async () => {
  const following = follower();
  const schemas = new PostgresTenantSchemas(pool);
  const nothing = { schemas: [], resourceTypes: [] };
  const revision = async (tenantId: string) => (await queries.getTenant(tenantId))?.schemasRevision;
  const register = (tenantId: string, name: string) =>
    following.during(tenantId, () =>
      run(tenantId, {
        type: 'RegisterExtensionSchema',
        data: { urn: 'urn:acme:Badges', document: { attributes: [{ name }] } },
      }),
    );
  for (const tenantId of ['acme', 'globex']) await following.during(tenantId, () => create(tenantId));
  expect([await revision('acme'), await schemas.of('acme')]).toEqual([0, nothing]);
  await register('acme', 'colour');
  expect(await revision('acme')).toBe(1);
  await register('acme', 'shape');
  expect(await revision('acme')).toBe(2);
  expect(await schemas.of('acme')).toEqual({
    schemas: [expect.objectContaining({ urn: 'urn:acme:Badges', resourceType: 'User', required: false })],
    resourceTypes: [],
  });
  expect((await queries.getSchema('acme', 'URN:acme:badges'))?.schema.attributes).toMatchObject([{ name: 'shape' }]);
  expect([await revision('globex'), await schemas.of('globex')]).toEqual([0, nothing]);
  expect(await queries.findSchemas('globex')).toEqual([]);
  const remove: ControlCommand = { type: 'RemoveExtensionSchema', data: { urn: 'urn:acme:badges' } };
  await following.during('acme', () => run('acme', remove));
  expect([await revision('acme'), await schemas.of('acme')]).toEqual([3, nothing]);
});

it('X12 the resource types of a tenant stand in rows of their own, and move the same number', async () => {
  const following = follower();
  const schemas = new PostgresTenantSchemas(pool);
  for (const tenantId of ['acme', 'globex']) await following.during(tenantId, () => create(tenantId));
  const register = (description: string) =>
    following.during('acme', () =>
      run('acme', {
        type: 'RegisterResourceType',
        data: {
          name: 'Role',
          document: { endpoint: '/Roles', schema: 'urn:ietf:params:scim:schemas:core:2.0:role', description },
        },
      }),
    );
  await register('');
  await register('What a user may do');
  const role = {
    name: 'Role',
    endpoint: '/Roles',
    description: 'What a user may do',
    schema: 'urn:ietf:params:scim:schemas:core:2.0:Role',
    schemaExtensions: [],
  };
  expect(await schemas.of('acme')).toEqual({ schemas: [], resourceTypes: [role] });
  expect(await queries.findResourceTypes('acme')).toMatchObject([{ nameFolded: 'role', definition: role }]);
  expect((await queries.getTenant('acme'))?.schemasRevision).toBe(2);
  expect([await schemas.of('globex'), await queries.findResourceTypes('globex')]).toEqual([
    { schemas: [], resourceTypes: [] },
    [],
  ]);
  await following.during('acme', () => run('acme', { type: 'RemoveResourceType', data: { name: 'role' } }));
  expect(await schemas.of('acme')).toEqual({ schemas: [], resourceTypes: [] });
  expect((await queries.getTenant('acme'))?.schemasRevision).toBe(3);
});
