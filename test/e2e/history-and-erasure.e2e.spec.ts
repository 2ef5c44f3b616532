import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { USER, send, TenantClient, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(180_000);

let system: RunningSystem;
let tenant: TenantClient;
let owner: pg.Client;

beforeAll(async () => {
  system = await startSystem('one process');
  tenant = await TenantClient.create(system);
  owner = new pg.Client(system.ownerDatabaseUrl);
  await owner.connect();
});

afterAll(async () => {
  await owner.end();
  await system.stop();
});

type AdminBody = Body & { readonly events: readonly Body[]; readonly items: readonly Body[] };

const admin = async (method: string, path: string, body?: unknown) => {
  const headers = { 'content-type': 'application/json' };
  const options = { method, token: system.adminToken, ...(body === undefined ? {} : { body, headers }) };
  const answer = await send(`${system.url}/admin/v1${path}`, options);
  return { ...answer, body: answer.body as AdminBody };
};
const resource = (id: string) => `/tenants/${tenant.id}/resources/${id}`;

const person = {
  displayName: 'Perpetua Quillfeather',
  name: { givenName: 'Perpetua', familyName: 'Quillfeather' },
  emails: [{ value: 'perpetua@quill.example', type: 'work', primary: true }],
  phoneNumbers: [{ value: '+44-20-7946-0999', type: 'work' }],
};
/** What of the person stands in a text. */
const found = (text: string): readonly string[] =>
  text.match(/Perpetua|Quillfeather|quill\.example|7946-0999|pquill/gi) ?? [];

/** Every row of every table, as the owner of the database sees it. */
const tables = async (): Promise<string> => {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of rows) {
    const contents = await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    texts.push(...contents.rows.map(({ row }) => row));
  }
  return texts.join('\n');
};

/** Asks until the answer is as wanted. Throws with the last one when that takes too long. */
const eventually = async <Value>(ask: () => Promise<Value>, isWanted: (value: Value) => boolean): Promise<Value> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await ask();
    if (isWanted(value)) return value;
    if (Date.now() > deadline) throw new Error(`It stays ${JSON.stringify(value)}.`);
    await new Promise((again) => setTimeout(again, 50));
  }
};

const rebuild = async (): Promise<void> => {
  const { status, body } = await admin('POST', '/projections/directory/rebuild', { tenant: tenant.id });
  expect(status).toBe(202);
  const { generation } = body.items[0] as Body & { generation: number };
  const fillings = async () => (await admin('GET', `/projections?tenant=${tenant.id}`)).body.items;
  await eventually(
    fillings,
    (items) => items.length === 1 && items[0]?.['generation'] === generation && items[0]['lagEvents'] === 0,
  );
};

describe('what became of a user and a group', () => {
  it('is told by history, audit and the resource as it was', async () => {
    const id = await tenant.user('historic', { title: 'Guide' });
    const group = await tenant.group('Tour guides', [id]);
    await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'Leader' }], {
      'x-request-id': 'retitled',
    });
    await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    const history = await admin('GET', `${resource(id)}/history`);
    expect(history.body.events.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserAttributesChanged',
      'UserDeactivated',
    ]);
    expect(history.body.events[1]).toMatchObject({
      actor: { kind: 'token' },
      requestId: 'retitled',
      changes: [{ path: 'title', before: 'Guide', after: 'Leader' }],
    });
    const first = encodeURIComponent(String(history.body.events[0]?.['time']));
    expect((await admin('GET', `${resource(id)}?asOf=${first}`)).body).toMatchObject({ title: 'Guide', active: true });
    expect((await admin('GET', resource(group))).body).toMatchObject({
      displayName: 'Tour guides',
      members: [{ value: id, type: 'User' }],
    });
    const audit = await admin('GET', `/tenants/${tenant.id}/audit?resource=${id}`);
    expect(audit.body.items.map(({ type, outcome }) => [type, outcome])).toEqual([
      ['UserDeactivated', 'success'],
      ['UserAttributesChanged', 'success'],
      ['UserCreated', 'success'],
    ]);
  });
});

describe('erasure', () => {
  it('leaves nothing of a person in any table, in history or in a rebuild, and applications hear of it', async () => {
    const id = await tenant.user('pquill', person);
    await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'name.familyName', value: 'Quillfeather-Smythe' }]);
    const group = await tenant.group('Scribes', [id]);
    await tenant.get(`/Users/${id}`); // the read model shows it
    expect(found(await tables())).not.toEqual([]);

    expect((await admin('POST', `${resource(id)}/erasure`)).status).toBe(409);
    const erased = await admin('POST', `${resource(id)}/erasure`, { force: true });
    expect([erased.status, erased.body.id]).toEqual([200, id]);
    expect((await admin('POST', `${resource(id)}/erasure`)).body).toEqual(erased.body);

    expect((await tenant.get(`/Users/${id}`)).status).toBe(404);
    expect((await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: true }])).status).toBe(404);
    expect((await tenant.get(`/Users?filter=${encodeURIComponent('userName eq "pquill"')}`)).body.totalResults).toBe(0);
    expect((await tenant.get(`/Groups/${group}`)).body.members ?? []).toEqual([]);
    expect(found(await tables())).toEqual([]);
    const history = await admin('GET', `${resource(id)}/history`);
    expect(history.body.events.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserAttributesChanged',
      'UserDeleted',
      'UserErased',
    ]);
    expect(found(JSON.stringify(history.body))).toEqual([]);
    expect((await admin('GET', resource(id))).status).toBe(410);

    await rebuild();
    expect((await tenant.get('/Users?count=0')).status).toBe(200);
    await eventually(
      async () => found(await tables()),
      (left) => left.length === 0,
    );
    expect((await tenant.get(`/Groups/${group}`)).body).toMatchObject({ displayName: 'Scribes' });

    const ofUser = (record: TopicRecord) => record.headers['ce_subject'] === `User/${id}` || record.key.endsWith(id);
    // A transaction shows on each topic by itself: wait for both.
    const records = await readTopics(system, ['changes.v1', 'users.v1'], (all) =>
      ['changes.v1', 'users.v1'].every((topic) =>
        all.some((record) => record.topic === topic && ofUser(record) && record.headers['ce_type'] === 'user.erased'),
      ),
    );
    const last = (topic: string) => records.filter((record) => record.topic === topic && ofUser(record)).at(-1);
    expect(last('changes.v1')).toMatchObject({ value: { id }, headers: { ce_type: 'user.erased' } });
    expect(last('users.v1')?.value).toBeNull();
  });

  it('frees the userName for another person', async () => {
    const again = await tenant.send('POST', '/Users', { schemas: [USER], userName: 'pquill' });
    expect(again.status).toBe(201);
  });
});
