import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { send, TenantClient, USER } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';
import { hastenCompaction, Traces } from './traces.js';

jest.setTimeout(400_000);

let system: RunningSystem;
let owner: pg.Client;

beforeAll(async () => {
  system = await startSystem('one process');
  owner = new pg.Client(system.ownerDatabaseUrl);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await system.stop();
});

const admin = (method: string, path: string, body?: unknown) =>
  send(`${system.url}/admin/v1${path}`, {
    method,
    token: system.adminToken,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });

/** Somebody whose name, mail and phone stand nowhere else, and how to find what is left. */
const somebody = (given: string, family: string, phone: string) => {
  const userName = `${given}.${family}`;
  const mail = `${userName}@mail.example`;
  return {
    traces: new Traces([given, family, phone]),
    create: async (tenant: TenantClient): Promise<string> => {
      const body = {
        schemas: [USER],
        userName,
        displayName: `${given} ${family}`,
        name: { givenName: given, familyName: family },
        emails: [{ value: mail, type: 'work', primary: true }],
        phoneNumbers: [{ value: phone, type: 'work' }],
      };
      const made = await tenant.send('POST', '/Users', body, { 'idempotency-key': userName });
      expect(made.status).toBe(201);
      const { id } = made.body;
      await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'name.familyName', value: `${family}-Smythe` }]);
      const found = await tenant.get(`/Users?filter=${encodeURIComponent(`emails.value eq "${mail}"`)}`);
      expect(found.body.totalResults).toBe(1);
      return id;
    },
  };
};

/** Asks until nothing is found. Throws with what is when that takes too long. */
const untilNothing = async (look: () => Promise<readonly string[]>, withinMs = 120_000): Promise<void> => {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found.length === 0) return;
    if (Date.now() > deadline) throw new Error(`It is still there: ${found.join(', ')}.`);
    await new Promise((again) => setTimeout(again, 250));
  }
};

/** Records of a compacted topic, up to one that was written just now. */
const usersTopic = async (tenant: TenantClient): Promise<readonly TopicRecord[]> => {
  const last = await tenant.user(`bystander-${Math.random().toString(36).slice(2)}`);
  return readTopics(system, ['users.v1'], (all) => all.some(({ key }) => key.endsWith(last)));
};
const inRecords = (traces: Traces, records: readonly TopicRecord[]) =>
  traces.in(JSON.stringify(records.map(({ value }) => value)));

it('of an erased person nothing is left in tables, statistics, log, compacted topics or the files of the database; a rebuild goes on', async () => {
  const tenant = await TenantClient.create(system);
  const { traces, create } = somebody('Perpetua', 'Quillfeather', '+44-20-7946-0999');
  for (let i = 0; i < 10; i += 1) await tenant.user(`before-${i}`, { displayName: `Before ${i}` });
  const id = await create(tenant);
  await tenant.group('Scribes', [id]);
  await owner.query('ANALYZE'); // the planner has seen the person too
  expect(await traces.inTables(owner)).toEqual(
    expect.arrayContaining([expect.stringContaining('read_users'), expect.stringContaining('pg_stats')]),
  );
  expect(await traces.inLog(system, tenant.id)).not.toEqual([]);
  expect(await traces.inFilesAsTheyAre(owner)).not.toEqual([]);
  expect(inRecords(traces, await usersTopic(tenant))).not.toEqual([]);

  const erased = await admin('POST', `/tenants/${tenant.id}/resources/${id}/erasure`, { force: true });
  expect(erased.status).toBe(200);
  await untilNothing(() => traces.inTables(owner));
  expect(await traces.inLog(system, tenant.id)).toEqual([]);
  expect((await admin('GET', `/tenants/${tenant.id}/resources/${id}`)).status).toBe(410);

  await hastenCompaction(system, 'users.v1');
  await untilNothing(async () => inRecords(traces, await usersTopic(tenant)), 240_000);
  const changes = await readTopics(system, ['changes.v1'], (all) =>
    all.some(({ key, headers }) => key.endsWith(id) && headers['ce_type'] === 'user.erased'),
  );
  expect(changes.filter(({ key }) => key.endsWith(id)).at(-1)).toMatchObject({ value: { id } });

  expect((await admin('POST', '/projections/directory/rebuild', { tenant: tenant.id })).status).toBe(202);
  await untilNothing(async () => {
    const { body } = await admin('GET', `/projections?tenant=${tenant.id}`);
    const items = body['items'] as readonly { readonly status: string; readonly lagEvents: number }[];
    return items.flatMap(({ status, lagEvents }) => (status === 'live' && lagEvents === 0 ? [] : [status]));
  });
  expect((await tenant.get(`/Users/${id}`)).status).toBe(404);
  await untilNothing(() => traces.inTables(owner));
  await untilNothing(() => traces.inFiles(owner));
});

it('of an off-boarded tenant nothing is left, though the process was killed on the way; every key on Kafka is ended, others stay whole', async () => {
  const [leaving, staying] = [await TenantClient.create(system), await TenantClient.create(system)];
  const { traces, create } = somebody('Barnabas', 'Thistlewood', '+44-20-7946-0888');
  const id = await create(leaving);
  const group = await leaving.group('Scribes of Thistlewood', [id]);
  const kept = await staying.user('staying', { title: 'Guide' });
  expect((await leaving.get('/Users')).status).toBe(200);
  expect(await traces.inTables(owner)).not.toEqual([]);

  expect((await admin('DELETE', `/tenants/${leaving.id}`)).status).toBe(204);
  const process = system.services.get('standalone');
  await process?.end('SIGKILL');
  process?.start();
  await process?.ready();
  expect((await leaving.get('/Users')).status).toBe(401);
  for (const resource of [id, group])
    expect((await admin('GET', `/tenants/${leaving.id}/resources/${resource}`)).status).toBe(410);
  await untilNothing(() => traces.inTables(owner));
  expect(await traces.inLog(system, leaving.id)).toEqual([]);
  await untilNothing(async () => {
    const { rows } = await owner.query<{ id: string }>(
      `SELECT id FROM scim_tokens WHERE tenant_id = $1 UNION ALL SELECT resource_id FROM idempotency_keys WHERE tenant_id = $1`,
      [leaving.id],
    );
    return rows.map(({ id: left }) => left);
  });

  const ended = (all: readonly TopicRecord[]) => {
    const last = new Map(all.map(({ topic, key, value }) => [`${topic} ${key}`, value]));
    return ['users.v1', 'groups.v1', 'memberships.v1'].every((topic) => {
      const ofTenant = [...last].filter(([name]) => name.startsWith(`${topic} ${leaving.id}/`));
      return ofTenant.length > 0 && ofTenant.every(([, value]) => value === null);
    });
  };
  await readTopics(system, ['users.v1', 'groups.v1', 'memberships.v1'], ended);
  expect((await staying.get(`/Users/${kept}`)).body).toMatchObject({ title: 'Guide' });
  expect((await admin('GET', `/tenants/${staying.id}/resources/${kept}`)).status).toBe(200);
});
