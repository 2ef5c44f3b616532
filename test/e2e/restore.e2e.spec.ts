import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import { asOwner, BACKED_UP, putRows, rowsOf, settled } from './backed-up-tables.js';
import { GROUP, send, TenantClient, times, USER } from './clients.js';
import { rollcall } from './operator-commands.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(300_000);

/** Lost with everything that is not in the backup: sessions, what was asked twice, what was accepted and not yet done. */
const OPERATIONAL: readonly string[] = [
  ...['oauth_artifacts', 'revoked_access', 'signing_keys', 'control_acts'],
  ...['idempotency_keys', 'accepted_requests', 'request_queues'],
  ...['kurrentdb_heads', 'kurrentdb_position', 'kurrentdb_edge_positions'],
];

/** Who filled a row, and when somebody was last seen, is no part of what it says. */
const LEFT_OUT = [
  'generation',
  'worker',
  'lease_until',
  'last_used_at',
  'last_refusal',
  'last_refused_at',
  'event_time',
];

const URN = 'urn:example:params:scim:schemas:acme:1.0:User';

let system: RunningSystem;
let tenants: readonly TenantClient[];
let empty: TestDatabase;
let restored: RunningSystem;

const admin = (method: string, path: string, body?: unknown) =>
  send(`${system.url}/admin/v1${path}`, {
    method,
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });

const live = async (tenant: TenantClient): Promise<void> => {
  await admin('PUT', `/tenants/${tenant.id}/schemas/${URN}`, { attributes: [{ name: 'shift' }] });
  await admin('POST', `/tenants/${tenant.id}/clients`, { name: 'entra', grantTypes: ['client_credentials'] });
  const ids = await Promise.all(
    times(30).map((n) => tenant.user(`user${n}`, { emails: [{ value: `user${n}@acme.example` }], title: 'Guide' })),
  );
  const [renamed = '', deleted = '', erased = ''] = ids;
  const group = await tenant.group('Guides', ids);
  await tenant.group('Nested', [group]);
  await tenant.send('PUT', `/Users/${renamed}`, {
    schemas: [USER, URN],
    userName: 'newname',
    [URN]: { shift: 'early' },
  });
  await tenant.send('DELETE', `/Users/${deleted}`);
  await admin('POST', `/tenants/${tenant.id}/resources/${erased}/erasure`, { force: true });
  await tenant.send('DELETE', `/Groups/${await tenant.group('Gone', ids.slice(5, 9))}`);
};

const tablesOf = async (client: pg.Client): Promise<readonly string[]> => {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  return rows.map(({ name }) => name);
};

/** Every row that is made from the log, in order. */
const dump = (url: string): Promise<readonly string[]> =>
  asOwner(url, async (client) => {
    const made = (await tablesOf(client)).filter((table) => ![...BACKED_UP, ...OPERATIONAL].includes(table));
    const lines: string[] = [];
    for (const table of made) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT row FROM (SELECT '${table} ' || (to_jsonb(t) - $1::text[])::text AS row FROM ${table} t) AS rows
          ORDER BY row COLLATE "C"`,
        [LEFT_OUT],
      );
      lines.push(...rows.map(({ row }) => row));
    }
    return lines;
  });

beforeAll(async () => {
  system = await startSystem('one process');
  tenants = await Promise.all([TenantClient.create(system), TenantClient.create(system)]);
  for (const tenant of tenants) await live(tenant);
  await settled(system.ownerDatabaseUrl);

  empty = await createTestDatabase([]);
  await rollcall({ ownerDatabaseUrl: empty.ownerUrl, masterKey: system.masterKey }, 'migrate');
  await asOwner(system.ownerDatabaseUrl, (from) =>
    asOwner(empty.ownerUrl, async (to) => {
      for (const table of BACKED_UP) await putRows(to, table, await rowsOf(from, table));
    }),
  );
  restored = await startSystem(
    'one process',
    { MASTER_KEY: system.masterKey, ADMIN_TOKEN: system.adminToken },
    { databaseUrl: empty.ownerUrl, brokers: system.kafkaBrokers },
  );
});

afterAll(async () => {
  await restored.stop();
  await system.stop();
  await empty.drop();
});

describe('a system that is restored from the log, the key tables and MASTER_KEY alone', () => {
  it('rebuilds every other table to the byte', async () => {
    await settled(empty.ownerUrl);
    const made = await dump(system.ownerDatabaseUrl);
    expect(made.filter((row) => row.startsWith('read_users '))).toHaveLength(2 * 28);
    expect(await dump(empty.ownerUrl)).toEqual(made);
  });

  it('answers the same clients with the same credentials', async () => {
    for (const tenant of tenants) {
      const again = tenant.through(restored.url);
      for (const path of ['/Users?count=100&sortBy=id', '/Groups?sortBy=id', '/Schemas'])
        expect(await textOf(again, path)).toBe((await textOf(tenant, path)).replaceAll(system.url, restored.url));
    }
  });

  it('goes on: names stay unique, sequences dense, the erased unreadable', async () => {
    const [tenant] = tenants;
    if (tenant === undefined) throw new Error('There are tenants.');
    const again = tenant.through(restored.url);
    expect((await again.send('POST', '/Users', { schemas: [USER], userName: 'NEWNAME' })).status).toBe(409);
    const id = await again.user('user0');
    expect(
      (await again.send('POST', '/Groups', { schemas: [GROUP], displayName: 'New', members: [{ value: id }] })).status,
    ).toBe(201);
    const gaps = await asOwner(empty.ownerUrl, (client) =>
      client.query(
        `SELECT tenant_id FROM events JOIN tenant_heads h USING (tenant_id) GROUP BY tenant_id, h.sequence
          HAVING count(*) <> h.sequence OR max(events.sequence) <> h.sequence`,
      ),
    );
    expect(gaps.rows).toEqual([]);
    const rows = await asOwner(empty.ownerUrl, (client) =>
      client.query(`SELECT FROM read_users WHERE user_name = 'user2'`),
    );
    expect(rows.rowCount).toBe(0);
  });
});

const textOf = async (tenant: TenantClient, path: string): Promise<string> =>
  JSON.stringify((await tenant.get(path)).body);
