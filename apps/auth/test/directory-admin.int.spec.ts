import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { userSchema } from '#scim';
import {
  provisioner,
  retitle,
  startDirectoryAdmin,
  type Body,
  type DirectoryAdmin,
  type Item,
} from './directory-admin.js';

let system: DirectoryAdmin;

beforeAll(async () => {
  system = await startDirectoryAdmin();
}, 60_000);
afterAll(() => system.close());

describe('the calls about the directory', () => {
  it.each([
    ['GET', '/tenants/acme/audit'],
    ['GET', '/tenants/acme/resources/1/history'],
    ['GET', '/tenants/acme/resources/1'],
    ['POST', '/tenants/acme/resources/1/erasure'],
    ['GET', '/projections'],
    ['POST', '/projections/directory/rebuild'],
  ])('%s %s is for operators', async (method, path) => {
    expect((await fetch(`${system.url}/admin/v1${path}`, { method })).status).toBe(401);
  });

  it.each([
    ['GET', '/tenants/nobody/audit', 'tenant-not-found'],
    ['GET', '/tenants/nobody/resources/1/history', 'tenant-not-found'],
    ['POST', '/tenants/nobody/resources/1/erasure', 'tenant-not-found'],
    ['GET', '/tenants/acme/resources/1/history', 'resource-not-found'],
    ['GET', '/tenants/acme/resources/%00', 'resource-not-found'],
    ['POST', '/tenants/acme/resources/1/erasure', 'resource-not-found'],
    ['POST', '/projections/unknown/rebuild', 'not-found'],
  ])('%s %s is 404 %s', async (method, path, code) => expect(await system.refusal(method, path)).toEqual([404, code]));

  it.each([
    '/tenants/acme/audit?from=yesterday',
    '/tenants/acme/audit?limit=0',
    '/tenants/acme/audit?colour=red',
    '/tenants/acme/audit?cursor=%20',
    '/tenants/acme/resources/1?asOf=2026',
    '/tenants/acme/resources/1/history?asOf=2026-11-21T12:00:00Z',
  ])('GET %s is 400', async (path) => expect(await system.refusal('GET', path)).toEqual([400, 'input-invalid']));
});

describe('history', () => {
  it('tells what became of a user, by whom, with the values before and after', async () => {
    const id = await system.newUser('history');
    await system.run(id, retitle('Guide'));
    await system.run(id, retitle('Leader'));
    const { body } = await system.admin('GET', `/tenants/acme/resources/${id}/history`);
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
    expect(await system.pages(`/tenants/acme/resources/${id}/history?limit=2`, 'events')).toEqual(body.events);
  });

  it('is the tenant’s own', async () => {
    const id = await system.newUser('own');
    expect(await system.refusal('GET', `/tenants/globex/resources/${id}/history`)).toEqual([404, 'resource-not-found']);
    expect(await system.refusal('GET', `/tenants/globex/resources/${id}`)).toEqual([404, 'resource-not-found']);
    expect(await system.refusal('POST', `/tenants/globex/resources/${id}/erasure`, { body: { force: true } })).toEqual([
      404,
      'resource-not-found',
    ]);
  });

  it('shows a user as it was, and as it is', async () => {
    const id = await system.newUser('before', { title: 'Guide' });
    const { body } = await system.admin('GET', `/tenants/acme/resources/${id}/history`);
    const then = String(body.events[0]?.['time']);
    await system.elsewhere.log.head('acme');
    while (new Date().toISOString() === then); // the next event is a millisecond later
    await system.run(id, retitle('Leader'));
    const past = await system.admin('GET', `/tenants/acme/resources/${id}?asOf=${encodeURIComponent(then)}`);
    expect(past).toMatchObject({
      status: 200,
      body: { id, userName: 'before', title: 'Guide', active: true, meta: { version: 'W/"0"', created: then } },
    });
    const now = await system.admin('GET', `/tenants/acme/resources/${id}`);
    expect(now.body).toMatchObject({ title: 'Leader', meta: { version: 'W/"1"' } });
    const early = `/tenants/acme/resources/${id}?asOf=2020-01-01T00:00:00%2B01:00`;
    expect(await system.refusal('GET', early)).toEqual([404, 'resource-not-found']);
  });

  it('shows the members of a group at a moment, in pages', async () => {
    const members = [];
    for (const name of ['m1', 'm2', 'm3', 'm4', 'm5']) members.push(await system.newUser(name));
    const id = await system.newGroup('Tour guides', members);
    const { body } = await system.admin('GET', `/tenants/acme/resources/${id}/history`);
    const full = String(body.events[1]?.['time']);
    while (new Date().toISOString() === full);
    await system.runGroup(id, {
      type: 'PatchGroup',
      data: { operations: [], members: [{ kind: 'remove', values: members.slice(0, 3) }], schema: userSchema },
    });
    const at = `?limit=2&asOf=${encodeURIComponent(full)}`;
    type Page = Body & { members?: readonly { value: string }[]; items?: readonly { value: string }[] };
    for (const path of [`/tenants/acme/resources/${id}`, `/tenants/acme/resources/${id}/members`]) {
      const seen: unknown[] = [];
      let query = at;
      for (let next: string | undefined = ''; next !== undefined; query = `?limit=2&cursor=${next ?? ''}`) {
        const page = (await system.admin('GET', path + query)).body as Page;
        seen.push(...(page.members ?? page.items ?? []).map(({ value }) => value));
        next = page.nextCursor;
      }
      expect(seen).toEqual(members);
    }
    expect((await system.admin('GET', `/tenants/acme/resources/${id}`)).body).toMatchObject({
      members: members.slice(3).map((value) => ({ value, type: 'User' })),
    });
  });
});

describe('audit', () => {
  it('says who changed what, and when; one resource, one actor, or all, page by page', async () => {
    const id = await system.newUser('audited');
    await system.run(id, retitle('Guide'));
    await system.ask('PATCH', '/tenants/acme', { body: { displayName: 'Acme Inc.' } });
    const { body } = await system.admin('GET', `/tenants/acme/audit?resource=${id}`);
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
    const byOperator = await system.admin('GET', '/tenants/acme/audit?actor=operator:first&limit=1');
    expect(byOperator.body.items[0]).toMatchObject({ resource: { type: 'Tenant', id: 'acme' } });
    const all = await system.pages('/tenants/acme/audit?limit=3', 'items');
    expect(all.length).toBeGreaterThan(3);
    expect(new Set(all.map(({ eventId }) => eventId)).size).toBe(all.length);
    expect(JSON.stringify(all)).not.toContain('audited');
  });

  it('can be streamed as NDJSON', async () => {
    const response = await system.ask('GET', '/tenants/acme/audit', { accept: 'application/x-ndjson' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as Item)).toEqual(
      await system.pages('/tenants/acme/audit?limit=200', 'items'),
    );
  });

  it('of a tenant without events in that time is empty', async () =>
    expect(await system.admin('GET', '/tenants/globex/audit?to=2020-01-01T00:00:00Z')).toEqual({
      status: 200,
      body: { items: [] },
    }));
});

describe('read models', () => {
  it('are shown with checkpoint and lag, and made anew beside the live one', async () => {
    await system.newUser('projected');
    await system.project();
    const head = await system.elsewhere.log.head('acme');
    const shown = await system.admin('GET', '/projections?tenant=acme');
    expect(shown.body.items).toEqual([
      expect.objectContaining({ name: 'directory', status: 'live', checkpoint: head, head, lagEvents: 0 }),
    ]);
    const before = Number(shown.body.items[0]?.['generation']);
    const asked = await system.admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } });
    expect(asked).toEqual({ status: 202, body: { items: [{ tenant: 'acme', generation: before + 1 }] } });
    expect((await system.admin('POST', '/projections/directory/rebuild', { body: { tenant: 'acme' } })).body).toEqual(
      asked.body,
    );
    await system.project();
    expect((await system.admin('GET', '/projections?tenant=acme')).body.items).toEqual([
      expect.objectContaining({ generation: before + 1, status: 'live', lagEvents: 0 }),
    ]);
  });

  it('are rebuilt for every tenant when none is named, and never for the system’s own stream', async () => {
    const { status, body } = await system.admin('POST', '/projections/directory/rebuild');
    expect([status, body.items.map(({ tenant }) => tenant)]).toEqual([202, ['acme', 'globex']]);
  });

  it.each([
    [{ tenant: 'nobody' }, 404],
    [{ tenant: 'No Body' }, 404],
    [{ tenants: ['acme'] }, 400],
  ])('are not rebuilt for %j', async (body, status) =>
    expect((await system.admin('POST', '/projections/directory/rebuild', { body })).status).toBe(status),
  );
});
