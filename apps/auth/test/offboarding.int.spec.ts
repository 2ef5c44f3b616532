import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { accessEntities, ControlFollower, TenantErasures } from '#access';
import { ResourceErasure } from '#directory';
import { createServiceDataSource } from '#postgres';
import { ProcessCheckpoints } from '#read-model';
import { createLogger } from '#runtime';
import { TenantRegistry } from '#tenancy';
import { ErasureMetrics } from '../src/erasure/erasure-metrics.js';
import { ErasurePolicyWork } from '../src/erasure/erasure-policy.js';
import { ErasureWorker } from '../src/erasure/erasure-worker.js';
import { startDirectoryAdmin, type DirectoryAdmin } from './directory-admin.js';

jest.setTimeout(120_000);

const DAY_MS = 86_400_000;
let system: DirectoryAdmin;
let rows: DataSource;
let owner: pg.Client;

beforeEach(async () => {
  system = await startDirectoryAdmin();
  rows = createServiceDataSource({ url: system.ownerUrl, entities: accessEntities, applicationName: 'test' });
  owner = new pg.Client(system.ownerUrl);
  await Promise.all([rows.initialize(), owner.connect()]);
});
afterEach(async () => {
  await Promise.all([rows.destroy(), owner.end()]);
  await system.close();
});

/** The erasure worker of another auth process, so many milliseconds later. */
const later = (milliseconds: number) => {
  const { store, edges, runner, sealer, database } = system.elsewhere;
  const now = () => new Date(Date.now() + milliseconds);
  const onError = (_: unknown, error: unknown) => {
    throw error;
  };
  const follower = new ControlFollower(rows, store, new TenantRegistry(store, now), {
    ...{ sweepEveryMs: 1000, actMayLastMs: 60_000, now, onError },
  });
  const policy = new ErasurePolicyWork({
    log: store.log,
    erasure: new ResourceErasure(runner, store.log, edges, sealer),
    checkpoints: new ProcessCheckpoints(database.pool, 'erasure-policy', randomUUID(), 0),
    onErased: () => undefined,
  });
  const erasures = new TenantErasures(rows);
  const metrics = new ErasureMetrics(new Registry());
  const logger = createLogger('silent', 'test');
  return new ErasureWorker(
    { erasures, policy, runner, follower, sealer, database, metrics, logger, now, newId: randomUUID },
    60_000,
  );
};

/** How many rows of each table name the tenant. */
const rowsOf = async (tenantId: string): Promise<Readonly<Record<string, number>>> => {
  const { rows: tables } = await owner.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public' ORDER BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rowCount } = await owner.query(`SELECT FROM ${name} WHERE tenant_id = $1`, [tenantId]);
    if ((rowCount ?? 0) > 0) counts[name] = rowCount ?? 0;
  }
  return counts;
};

const tenant = async (id = 'acme') => (await system.admin('GET', `/tenants/${id}`)).body;
const past = (id: string) => system.refusal('GET', `/tenants/acme/resources/${id}`);

describe('DELETE /admin/v1/tenants/{t}', () => {
  it('makes everything of the tenant unreadable at once, and the id stays taken', async () => {
    const user = await system.newUser('bjensen', { title: 'Guide' });
    const group = await system.newGroup('Tour guides', [user]);
    expect(await system.refusal('DELETE', '/tenants/acme')).toEqual([204, undefined]);
    expect(await tenant()).toMatchObject({ status: 'offboarded', erasedAt: expect.any(String) });
    for (const id of [user, group]) expect(await past(id)).toEqual([410, 'resource-erased']);
    const { body } = await system.admin('GET', `/tenants/acme/resources/${user}/history`);
    expect(body.events).toMatchObject([{ type: 'UserCreated', erased: true }]);
    expect(await system.refusal('DELETE', '/tenants/acme')).toEqual([204, undefined]);
    expect(await system.refusal('POST', '/tenants/acme/reinstatement')).toEqual([410, 'tenant-erased']);
    const again = { body: { id: 'acme', displayName: 'Again' } };
    expect(await system.refusal('POST', '/tenants', again)).toEqual([409, 'tenant-id-taken']);
    expect(await system.refusal('POST', '/tenants/acme/tokens', { body: { name: 'okta' } })).toEqual([
      404,
      'tenant-not-found',
    ]);
    expect(await system.refusal('DELETE', '/tenants/nobody')).toEqual([404, 'tenant-not-found']);
  });

  it('leaves ids and numbers of the log alone in the database, and other tenants whole', async () => {
    await system.admin('POST', '/tenants/acme/tokens', { body: { name: 'okta' } });
    await system.admin('POST', '/tenants/acme/clients', { body: { name: 'entra' } });
    await system.admin('POST', '/tenants/globex/tokens', { body: { name: 'okta' } });
    await owner.query(`INSERT INTO oauth_artifacts (model, id_hash, client_id, payload, expires_at)
      SELECT 'RefreshToken', id, id, '{}', now() + interval '1 day' FROM oauth_clients`);
    await owner.query(
      `INSERT INTO idempotency_keys VALUES ('acme', 'k', 'b', 'r', now()), ('globex', 'k', 'b', 'r', now())`,
    );
    const user = await system.newUser('bjensen');
    await system.newGroup('Tour guides', [user]);
    await system.project();
    expect(await rowsOf('acme')).toMatchObject({ read_users: 1, scim_tokens: 1, oauth_clients: 1, subject_keys: 2 });
    const globex = await rowsOf('globex');

    await system.admin('DELETE', '/tenants/acme');
    await later(0).run();
    expect((await owner.query('SELECT FROM tenants WHERE cleared_at IS NULL AND erased_at IS NOT NULL')).rowCount).toBe(
      1,
    );
    await later(2 * 60_000).run();
    expect((await owner.query('SELECT FROM tenants WHERE cleared_at IS NOT NULL')).rowCount).toBe(1);
    await system.project();
    expect(Object.keys(await rowsOf('acme'))).toEqual([
      'control_checkpoints',
      'destroyed_keys',
      'edges',
      'events',
      'projection_generations',
      'streams',
      'tenant_heads',
    ]);
    expect((await owner.query('SELECT FROM oauth_artifacts')).rowCount).toBe(0);
    expect(await rowsOf('globex')).toEqual(globex);
  });

  it('cut off after the record is made whole by the next process', async () => {
    const user = await system.newUser('bjensen');
    const { sealer } = system.elsewhere;
    const broken = later(0);
    await system.admin('DELETE', '/tenants/acme?afterDays=1');
    const erase = sealer.eraseTenant.bind(sealer);
    sealer.eraseTenant = () => Promise.reject(new Error('killed'));
    await later(2 * DAY_MS).run();
    await broken.run();
    expect((await rowsOf('acme'))['tenant_keys']).toBe(2);
    sealer.eraseTenant = erase;
    await later(2 * DAY_MS).run();
    expect((await rowsOf('acme'))['tenant_keys']).toBeUndefined();
    sealer.forget('acme', undefined);
    expect(await system.elsewhere.store.readTenant('acme', 0, 100)).toContainEqual(
      expect.objectContaining({ resourceId: user, erased: true }),
    );
  });

  it('meets the destroyed key in a rebuild and goes on', async () => {
    await system.newGroup('Tour guides', [await system.newUser('bjensen')]);
    await system.admin('DELETE', '/tenants/acme');
    system.elsewhere.sealer.forget('acme', undefined); // or two seconds
    await system.project();
    await system.admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } });
    await system.project();
    expect((await system.admin('GET', '/projections?tenant=acme')).body.items).toEqual([
      expect.objectContaining({ status: 'live', lagEvents: 0, users: 0, groups: 0 }),
    ]);
    expect((await owner.query('SELECT FROM read_users')).rowCount).toBe(0);
  });
});

describe('DELETE /admin/v1/tenants/{t}?afterDays=', () => {
  it('ends access now and the data then', async () => {
    const user = await system.newUser('bjensen', { title: 'Guide' });
    expect(await system.refusal('DELETE', '/tenants/acme?afterDays=30')).toEqual([204, undefined]);
    const { erasesAt, ...left } = (await tenant()) as unknown as { erasesAt: string };
    expect(left).toMatchObject({ status: 'offboarded' });
    expect(left).not.toHaveProperty('erasedAt');
    expect(Math.round((Date.parse(erasesAt) - Date.now()) / DAY_MS)).toBe(30);
    await later(29 * DAY_MS).run();
    expect(await past(user)).toEqual([200, undefined]);
    await later(31 * DAY_MS).run();
    expect(await tenant()).toMatchObject({ erasedAt: expect.any(String) });
    expect((await rowsOf('acme'))['tenant_keys']).toBeUndefined();
  });

  it('can be taken back until then, and the tenant is what it was', async () => {
    const user = await system.newUser('bjensen', { title: 'Guide' });
    await system.admin('POST', '/tenants/acme/tokens', { body: { name: 'okta' } });
    await system.admin('DELETE', '/tenants/acme?afterDays=30');
    expect(await system.refusal('POST', '/tenants/acme/reinstatement')).toEqual([204, undefined]);
    await later(31 * DAY_MS).run();
    expect(await tenant()).toMatchObject({ status: 'active' });
    expect(await tenant()).not.toHaveProperty('erasesAt');
    expect(await past(user)).toEqual([200, undefined]);
    expect((await system.admin('GET', '/tenants/acme/tokens')).body.items).toHaveLength(1);
  });

  it.each(['-1', '1.5', 'soon', '4000'])('refuses %s days', async (days) =>
    expect(await system.refusal('DELETE', `/tenants/acme?afterDays=${days}`)).toEqual([400, 'input-invalid']),
  );

  it('wants an operator', async () => {
    for (const [method, path] of [
      ['DELETE', ''],
      ['POST', '/reinstatement'],
    ] as const)
      expect((await fetch(`${system.url}/admin/v1/tenants/acme${path}`, { method })).status).toBe(401);
  });
});

describe('the setting eraseAfterDays', () => {
  it('erases what was deleted so many days ago, users and groups, and nothing else', async () => {
    const [kept, gone] = [await system.newUser('kept'), await system.newUser('gone')];
    const group = await system.newGroup('Tour guides', []);
    await system.run(gone, { type: 'DeleteUser', data: {} });
    await system.runGroup(group, { type: 'DeleteGroup', data: {} });
    await later(100 * DAY_MS).run(); // nobody asked for it
    const types = async (id: string) =>
      (await system.admin('GET', `/tenants/acme/resources/${id}/history`)).body.events.map(({ type }) => type);
    expect(await types(gone)).toEqual(['UserCreated', 'UserDeleted']);

    await system.admin('PATCH', '/tenants/acme', { body: { settings: { eraseAfterDays: 30 } } });
    await later(29 * DAY_MS).run();
    expect(await types(gone)).toEqual(['UserCreated', 'UserDeleted']);
    await later(31 * DAY_MS).run();
    await later(31 * DAY_MS).run();
    expect(await types(gone)).toEqual(['UserCreated', 'UserDeleted', 'UserErased']);
    expect(await types(group)).toEqual(['GroupCreated', 'GroupDeleted', 'GroupErased']);
    expect(await types(kept)).toEqual(['UserCreated']);
    expect((await rowsOf('acme'))['subject_keys']).toBe(1);
    const { body } = await system.admin('GET', `/tenants/acme/resources/${gone}/history`);
    expect(body.events[2]).toMatchObject({ actor: { kind: 'system', id: 'erasure-policy' } });
  });
});
