import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { groupStream, userStream, type GroupCommand, type UserCommand } from '#directory';
import type { EventMetadata } from '#event-sourcing';
import { defaultBatchEvents, DirectoryProjector, Generations, Sweeper } from '#read-model';
import { createLogger, loadSettings, migrate, openStores, Shutdown, startService, type Stores } from '#runtime';
import { userSchema, type PatchOperation } from '#scim';
import { createTestDatabase, type TestDatabase } from '#testing';
import { composeAuth } from '../src/compose.js';

const secrets = { ADMIN_TOKEN: randomBytes(24).toString('hex'), MASTER_KEY: randomBytes(32).toString('base64') };
const logger = createLogger('silent', 'auth');
const shutdown = new Shutdown(logger);
const provisioner: EventMetadata = {
  actor: { kind: 'token', id: 'okta' },
  requestId: 'req-1',
  correlationId: 'req-1',
  txn: 'txn-1',
};

let database: TestDatabase;
let url: string;
/** Another process on the same log: what scim-api and projector do there. */
let elsewhere: Stores;

beforeAll(async () => {
  database = await createTestDatabase([]);
  await migrate(database.ownerUrl);
  const env = { ...secrets, DATABASE_URL: database.ownerUrl, PUBLIC_URL: 'https://id.example', PORT: '0' };
  const settings = { ...loadSettings(env, 'auth'), DATABASE_URL: database.ownerUrl, MASTER_KEY: secrets.MASTER_KEY };
  const app = await startService('auth', settings, composeAuth, { logger, shutdown });
  url = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  const options = { databaseUrl: database.ownerUrl, masterKey: secrets.MASTER_KEY, service: 'elsewhere' };
  elsewhere = openStores(settings, options, logger);
  for (const id of ['acme', 'globex']) await admin('POST', '/tenants', { body: { id, displayName: id } });
}, 60_000);

afterAll(async () => {
  await elsewhere.close();
  await shutdown.close();
  await database.drop();
});

interface Item {
  readonly [name: string]: unknown;
  readonly type: string;
}
interface Body {
  readonly error?: { readonly code: string };
  readonly items: readonly Item[];
  readonly events: readonly Item[];
  readonly nextCursor?: string;
}

const ask = (method: string, path: string, { body, accept }: { body?: unknown; accept?: string } = {}) =>
  fetch(`${url}/admin/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${secrets.ADMIN_TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(accept === undefined ? {} : { accept }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

const admin = async (method: string, path: string, init: { body?: unknown } = {}) => {
  const response = await ask(method, path, init);
  return { status: response.status, body: (await response.json()) as Body };
};
const refusal = async (method: string, path: string, init: { body?: unknown } = {}) => {
  const { status, body } = await admin(method, path, init);
  return [status, body.error?.code];
};

const run = (resourceId: string, command: UserCommand, tenantId = 'acme') =>
  elsewhere.runner.run(userStream, { tenantId, resourceId, command, metadata: provisioner });
const runGroup = (resourceId: string, command: GroupCommand) =>
  elsewhere.runner.run(groupStream(elsewhere.log, elsewhere.edges), {
    tenantId: 'acme',
    resourceId,
    command,
    metadata: provisioner,
  });
const patch = (...operations: PatchOperation[]): UserCommand => ({
  type: 'PatchUser',
  data: { operations, schema: userSchema },
});
const retitle = (title: string) => patch({ op: 'replace', path: 'title', value: title });

const newUser = async (userName: string, more: object = {}): Promise<string> => {
  const id = newId();
  await run(id, { type: 'CreateUser', data: { attributes: { userName, ...more }, active: true } });
  return id;
};
const newGroup = async (displayName: string, members: readonly string[]): Promise<string> => {
  const id = newId();
  const added = { kind: 'replace', members: members.map((value) => ({ value })) } as const;
  await runGroup(id, { type: 'CreateGroup', data: { attributes: { displayName }, members: added } });
  return id;
};

/** Follows `nextCursor` to the end. */
const pages = async (path: string, list: 'items' | 'events'): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let cursor = '';
  for (;;) {
    const { body } = await admin('GET', `${path}${cursor}`);
    found.push(...body[list]);
    if (body.nextCursor === undefined) return found;
    cursor = `&cursor=${body.nextCursor}`;
  }
};

/** Brings all fillings of the tenant to the log's head, as a projector does. */
const project = async (): Promise<void> => {
  const generations = new Generations(elsewhere.database.pool);
  const options = { worker: 'spec', leaseMs: 1000, batchEvents: defaultBatchEvents };
  const projector = new DirectoryProjector(elsewhere.store, elsewhere.database, generations, options);
  for (const begun of await generations.begin('acme')) {
    let filling = begun;
    for (;;) {
      const applied = await projector.apply(filling, await projector.read(filling));
      if (applied.kind !== 'applied') throw new Error(`The filling is ${applied.kind}.`);
      if (applied.events.length === 0) break;
      filling = { ...filling, sequence: applied.filling.sequence };
    }
    if (filling.status === 'building') await generations.promote(filling);
  }
  const sweeper = new Sweeper(elsewhere.database);
  while (await sweeper.sweep('acme'));
};

describe('the calls about the directory', () => {
  it.each([
    ['GET', '/tenants/acme/audit'],
    ['GET', '/tenants/acme/resources/1/history'],
    ['GET', '/tenants/acme/resources/1'],
    ['POST', '/tenants/acme/resources/1/erasure'],
    ['GET', '/projections'],
    ['POST', '/projections/directory/rebuild'],
  ])('%s %s is for operators', async (method, path) => {
    expect((await fetch(`${url}/admin/v1${path}`, { method })).status).toBe(401);
  });

  it.each([
    ['GET', '/tenants/nobody/audit', 'tenant-not-found'],
    ['GET', '/tenants/nobody/resources/1/history', 'tenant-not-found'],
    ['POST', '/tenants/nobody/resources/1/erasure', 'tenant-not-found'],
    ['GET', '/tenants/acme/resources/1/history', 'resource-not-found'],
    ['GET', '/tenants/acme/resources/%00', 'resource-not-found'],
    ['POST', '/tenants/acme/resources/1/erasure', 'resource-not-found'],
    ['POST', '/projections/unknown/rebuild', 'not-found'],
  ])('%s %s is 404 %s', async (method, path, code) => expect(await refusal(method, path)).toEqual([404, code]));

  it.each([
    '/tenants/acme/audit?from=yesterday',
    '/tenants/acme/audit?limit=0',
    '/tenants/acme/audit?colour=red',
    '/tenants/acme/audit?cursor=%20',
    '/tenants/acme/resources/1?asOf=2026',
    '/tenants/acme/resources/1/history?asOf=2026-11-21T12:00:00Z',
  ])('GET %s is 400', async (path) => expect(await refusal('GET', path)).toEqual([400, 'input-invalid']));
});

describe('history', () => {
  it('tells what became of a user, by whom, with the values before and after', async () => {
    const id = await newUser('history');
    await run(id, retitle('Guide'));
    await run(id, retitle('Leader'));
    const { body } = await admin('GET', `/tenants/acme/resources/${id}/history`);
    expect(body.events).toHaveLength(3);
    expect(body.events[2]).toEqual({
      eventId: expect.any(String),
      sequence: expect.any(Number),
      revision: 2,
      time: expect.any(String),
      type: 'UserAttributesChanged',
      actor: provisioner.actor,
      requestId: 'req-1',
      txn: 'txn-1',
      paths: ['title'],
      changes: [{ path: 'title', before: 'Guide', after: 'Leader' }],
    });
    expect(await pages(`/tenants/acme/resources/${id}/history?limit=2`, 'events')).toEqual(body.events);
  });

  it('is the tenant’s own', async () => {
    const id = await newUser('own');
    expect(await refusal('GET', `/tenants/globex/resources/${id}/history`)).toEqual([404, 'resource-not-found']);
    expect(await refusal('GET', `/tenants/globex/resources/${id}`)).toEqual([404, 'resource-not-found']);
    expect(await refusal('POST', `/tenants/globex/resources/${id}/erasure`, { body: { force: true } })).toEqual([
      404,
      'resource-not-found',
    ]);
  });

  it('shows a user as it was, and as it is', async () => {
    const id = await newUser('before', { title: 'Guide' });
    const { body } = await admin('GET', `/tenants/acme/resources/${id}/history`);
    const then = String(body.events[0]?.['time']);
    await elsewhere.log.head('acme');
    while (new Date().toISOString() === then); // the next event is a millisecond later
    await run(id, retitle('Leader'));
    const past = await admin('GET', `/tenants/acme/resources/${id}?asOf=${encodeURIComponent(then)}`);
    expect(past).toMatchObject({
      status: 200,
      body: { id, userName: 'before', title: 'Guide', active: true, meta: { version: 'W/"0"', created: then } },
    });
    const now = await admin('GET', `/tenants/acme/resources/${id}`);
    expect(now.body).toMatchObject({ title: 'Leader', meta: { version: 'W/"1"' } });
    const early = `/tenants/acme/resources/${id}?asOf=2020-01-01T00:00:00%2B01:00`;
    expect(await refusal('GET', early)).toEqual([404, 'resource-not-found']);
  });

  it('shows the members of a group at a moment, in pages', async () => {
    const members = [];
    for (const name of ['m1', 'm2', 'm3', 'm4', 'm5']) members.push(await newUser(name));
    const id = await newGroup('Tour guides', members);
    const { body } = await admin('GET', `/tenants/acme/resources/${id}/history`);
    const full = String(body.events[1]?.['time']);
    while (new Date().toISOString() === full);
    await runGroup(id, {
      type: 'PatchGroup',
      data: { operations: [], members: [{ kind: 'remove', values: members.slice(0, 3) }], schema: userSchema },
    });
    const at = `/tenants/acme/resources/${id}?limit=2&asOf=${encodeURIComponent(full)}`;
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const page = (await admin('GET', at + cursor)).body as Body & { members: readonly { value: string }[] };
      expect(page).toMatchObject({ displayName: 'Tour guides' });
      seen.push(...page.members.map(({ value }) => value));
      cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(members);
    expect((await admin('GET', `/tenants/acme/resources/${id}`)).body).toMatchObject({
      members: members.slice(3).map((value) => ({ value, type: 'User' })),
    });
  });
});

describe('audit', () => {
  it('says who changed what, and when; one resource, one actor, or all, page by page', async () => {
    const id = await newUser('audited');
    await run(id, retitle('Guide'));
    await ask('PATCH', '/tenants/acme', { body: { displayName: 'Acme Inc.' } });
    const { body } = await admin('GET', `/tenants/acme/audit?resource=${id}`);
    expect(body.items.map(({ type }) => type)).toEqual(['UserAttributesChanged', 'UserCreated']);
    expect(body.items[0]).toEqual({
      time: expect.any(String),
      actor: provisioner.actor,
      requestId: 'req-1',
      txn: 'txn-1',
      type: 'UserAttributesChanged',
      resource: { type: 'User', id },
      outcome: 'success',
      paths: ['title'],
      eventId: expect.any(String),
      sequence: expect.any(Number),
    });
    const byOperator = await admin('GET', '/tenants/acme/audit?actor=operator:first&limit=1');
    expect(byOperator.body.items[0]).toMatchObject({ resource: { type: 'Tenant', id: 'acme' } });
    const all = await pages('/tenants/acme/audit?limit=3', 'items');
    expect(all.length).toBeGreaterThan(3);
    expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
    expect(JSON.stringify(all)).not.toContain('audited');
  });

  it('can be streamed as NDJSON', async () => {
    const response = await ask('GET', '/tenants/acme/audit', { accept: 'application/x-ndjson' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Item)).toEqual(
      await pages('/tenants/acme/audit?limit=200', 'items'),
    );
  });

  it('of a tenant without events in that time is empty', async () =>
    expect(await admin('GET', '/tenants/globex/audit?to=2020-01-01T00:00:00Z')).toEqual({
      status: 200,
      body: { items: [] },
    }));
});

describe('read models', () => {
  it('are shown with checkpoint and lag, and made anew beside the live one', async () => {
    await newUser('projected');
    await project();
    const head = await elsewhere.log.head('acme');
    const shown = await admin('GET', '/projections?tenant=acme');
    expect(shown.body.items).toEqual([
      expect.objectContaining({ name: 'directory', status: 'live', checkpoint: head, head, lagEvents: 0 }),
    ]);
    const before = Number(shown.body.items[0]?.['generation']);
    const asked = await admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } });
    expect(asked).toEqual({ status: 202, body: { items: [{ tenant: 'acme', generation: before + 1 }] } });
    expect((await admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } })).body).toEqual(
      asked.body,
    );
    await project();
    expect((await admin('GET', '/projections?tenant=acme')).body.items).toEqual([
      expect.objectContaining({ generation: before + 1, status: 'live', lagEvents: 0 }),
    ]);
  });

  it('are rebuilt for every tenant when none is named, and never for the system’s own stream', async () => {
    const { status, body } = await admin('POST', '/projections/directory/rebuild');
    expect([status, body.items.map(({ tenant }) => tenant)]).toEqual([202, ['acme', 'globex']]);
  });

  it.each([
    [{ tenant: 'nobody' }, 404],
    [{ tenant: 'No Body' }, 404],
    [{ tenants: ['acme'] }, 400],
  ])('are not rebuilt for %j', async (body, status) =>
    expect((await admin('POST', '/projections/directory/rebuild', { body })).status).toBe(status),
  );
});

describe('erasure', () => {
  const person = {
    name: { givenName: 'Perpetua', familyName: 'Quillfeather' },
    emails: [{ value: 'perpetua@quill.example' }],
    phoneNumbers: [{ value: '+44-20-7946-0999' }],
  };
  /** What of the person stands in a text. */
  const found = (text: string) => text.match(/Perpetua|Quillfeather|quill\.example|7946-0999|pquill/gi) ?? [];

  /** Every row of every table, as the owner sees it. */
  const everything = async (): Promise<string> => {
    const owner = new pg.Client(database.ownerUrl);
    await owner.connect();
    const { rows } = await owner.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts = [];
    for (const { name } of rows)
      texts.push(
        name,
        ...(await owner.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)).rows.map(({ row }) => row),
      );
    await owner.end();
    return texts.join('\n');
  };
  const logText = async () => JSON.stringify(await elsewhere.store.readTenant('acme', 0, 10_000));

  it('leaves nothing of a person in tables, log, history and a rebuild; asked again it answers the same', async () => {
    const id = await newUser('pquill', person);
    await run(id, patch({ op: 'replace', path: 'name.familyName', value: 'Quillfeather-Smythe' }));
    const group = await newGroup('Scribes', [id]);
    await project();
    expect(found(await everything())).not.toEqual([]);

    const path = `/tenants/acme/resources/${id}/erasure`;
    expect(await refusal('POST', path)).toEqual([409, 'resource-not-deleted']);
    await run(id, { type: 'DeleteUser', data: {} });
    const erased = await admin('POST', path);
    expect(erased).toEqual({ status: 200, body: { id, erasedAt: expect.any(String) } });
    expect(await admin('POST', path)).toEqual(erased);

    const history = await admin('GET', `/tenants/acme/resources/${id}/history`);
    expect(history.body.events.map(({ type }) => type)).toEqual([
      'UserCreated',
      'UserAttributesChanged',
      'UserDeleted',
      'UserErased',
    ]);
    expect(history.body.events[1]).toMatchObject({ paths: ['name.familyName'], erased: true });
    expect(found(JSON.stringify(history.body))).toEqual([]);
    expect(await refusal('GET', `/tenants/acme/resources/${id}`)).toEqual([410, 'resource-erased']);

    elsewhere.sealer.forget('acme', id); // or 30 seconds
    expect(found(await logText())).toEqual([]);
    await project();
    expect(found(await everything())).toEqual([]);
    await admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } });
    await project();
    expect(found(await everything())).toEqual([]);
    const { body } = await admin('GET', '/projections?tenant=acme');
    expect(body.items).toEqual([expect.objectContaining({ status: 'live', lagEvents: 0 })]);
    expect((await admin('GET', `/tenants/acme/resources/${group}`)).body).toMatchObject({ displayName: 'Scribes' });
  });

  it('by force deletes a live user first, frees its name, and shuts the door to writers', async () => {
    const id = await newUser('pquill', person);
    const path = `/tenants/acme/resources/${id}/erasure`;
    expect(await refusal('POST', path, { body: { force: 'yes' } })).toEqual([400, 'input-invalid']);
    const answers = await Promise.all([1, 2, 3].map(() => admin('POST', path, { body: { force: true } })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    await expect(run(id, retitle('Leader'))).rejects.toMatchObject({ code: 'subject-erased' });
    const { body } = await admin('GET', `/tenants/acme/resources/${id}/history`);
    expect(body.events.map(({ type }) => type)).toEqual(['UserCreated', 'UserDeleted', 'UserErased']);
    expect(body.events[2]).toMatchObject({ actor: { kind: 'operator', id: 'first' } });
    await newUser('pquill');
  });

  it('made whole by asking again what was cut off before the key was destroyed', async () => {
    const id = await newUser('cut-off', { title: 'Quillfeather the elder' });
    await run(id, { type: 'EraseUser', data: { force: true } }); // and then the process died
    const keys = async () =>
      (
        await elsewhere.database.query('acme', {
          text: 'SELECT 1 FROM subject_keys WHERE tenant_id = $1 AND subject_id = $2',
          values: ['acme', id],
        })
      ).rowCount;
    expect(await keys()).toBe(1);
    expect(JSON.stringify(await admin('GET', `/tenants/acme/resources/${id}/history`))).not.toContain('the elder');
    expect((await admin('POST', `/tenants/acme/resources/${id}/erasure`)).status).toBe(200);
    expect(await keys()).toBe(0);
  });
});
