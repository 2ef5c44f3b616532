import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GROUP, send, TenantClient, times, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const rateLimit = { perSecond: 100_000, burst: 100_000 };

let system: RunningSystem;
let free: TenantClient;

beforeAll(async () => {
  system = await startSystem('one process');
  free = await TenantClient.create(system);
}, 90_000);
afterAll(() => system.stop());

const under = (settings: object) => TenantClient.create(system, { rateLimit, ...settings });
const change = (tenant: TenantClient, settings: object) =>
  send(`${system.url}/admin/v1/tenants/${tenant.id}`, {
    method: 'PATCH',
    token: system.adminToken,
    body: { settings },
    headers: { 'content-type': 'application/json' },
  });
const user = (userName: string, more: object = {}) => ({ schemas: [USER], userName, ...more });
const post = (tenant: TenantClient, userName: string, more: object = {}) =>
  tenant.send('POST', '/Users', user(userName, more));

/** Asks until the answer has that status: settings are known to resource servers within seconds. */
const until = async (status: number, ask: () => Promise<Answer>): Promise<Answer> => {
  const deadline = Date.now() + 5_000;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || Date.now() > deadline) return answer;
    await new Promise((again) => setTimeout(again, 50));
  }
};

describe('F12 provisioning switches', () => {
  it('refuse with 403 and say what is off, reads go on, another tenant is free', async () => {
    const tenant = await under({});
    const id = await tenant.user('here@acme.example');
    const groupId = await tenant.group('Here');
    await change(tenant, { provisioning: { newUsers: false, profileUpdates: false, groups: false } });
    const refused = await until(403, () => post(tenant, `new-${Date.now()}@acme.example`));
    expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('provisioning.newUsers') } });
    const renamed = await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'displayName', value: 'X' }]);
    expect(renamed).toMatchObject({ status: 403, body: { detail: expect.stringContaining('profileUpdates') } });
    expect((await tenant.send('POST', '/Groups', { schemas: [GROUP], displayName: 'X' })).status).toBe(403);
    expect((await tenant.send('DELETE', `/Groups/${groupId}`)).status).toBe(403);
    expect((await tenant.get(`/Users/${id}`)).status).toBe(200);
    expect((await tenant.get(`/Groups/${groupId}`)).status).toBe(200);
    const off = await tenant.patch(`/Users/${id}`, [{ op: 'replace', value: { active: false } }]);
    expect(off).toMatchObject({ status: 200, body: { active: false } });
    expect((await post(free, 'free@acme.example')).status).toBe(201);
  });

  it('deactivation off keeps access as it is', async () => {
    const tenant = await under({ provisioning: { deactivation: false } });
    const id = await tenant.user('stays@acme.example');
    const off = await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    expect(off).toMatchObject({ status: 403, body: { detail: expect.stringContaining('provisioning.deactivation') } });
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(403);
    expect((await tenant.patch(`/Users/${id}`, [{ op: 'add', path: 'title', value: 'Guide' }])).status).toBe(200);
  });
});

describe('C-S2 C-S4 the delete policy "deactivate"', () => {
  it('takes access away and keeps the user, its name and its groups', async () => {
    const tenant = await under({ deletePolicy: 'deactivate' });
    const id = await tenant.user('kept@acme.example');
    const groupId = await tenant.group('Kept', [id]);
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect(await tenant.get(`/Users/${id}`)).toMatchObject({ status: 200, body: { active: false } });
    expect((await tenant.get(`/Groups/${groupId}`)).body.members).toEqual([expect.objectContaining({ value: id })]);
    expect(await post(tenant, 'kept@acme.example')).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect((await tenant.send('DELETE', '/Users/nobody')).status).toBe(404);
    expect((await tenant.send('DELETE', `/Groups/${groupId}`)).status).toBe(204);
    expect((await tenant.get(`/Groups/${groupId}`)).status).toBe(404);
  });
});

describe('F21 allowed attributes', () => {
  it('others are dropped, in POST, PUT and PATCH alike', async () => {
    const tenant = await under({ allowedAttributes: ['name', `${ENTERPRISE}:department`] });
    const sent = {
      name: { givenName: 'Barbara' },
      title: 'Guide',
      [ENTERPRISE]: { department: 'Tours', employeeNumber: '7' },
    };
    const kept = {
      userName: 'few@acme.example',
      name: { givenName: 'Barbara' },
      [ENTERPRISE]: { department: 'Tours' },
    };
    const created = await post(tenant, 'few@acme.example', sent);
    const path = `/Users/${created.body.id}`;
    const read = async () => {
      const {
        schemas: _,
        id: __,
        meta: ___,
        active: ____,
        ...rest
      } = (await tenant.get(path)).body as Record<string, unknown>;
      return rest;
    };
    expect(created.body).toMatchObject(kept);
    expect(await read()).toEqual(kept);
    expect((await tenant.send('PUT', path, user('few@acme.example', sent))).status).toBe(200);
    expect(await read()).toEqual(kept);
    await tenant.patch(path, [{ op: 'add', value: { title: 'Guide', 'name.familyName': 'Jensen' } }]);
    expect(await read()).toEqual({ ...kept, name: { givenName: 'Barbara', familyName: 'Jensen' } });
  });
});

describe('F19 verified domains', () => {
  it('userNames and e-mails outside are 400 invalidValue, with the domains in the detail', async () => {
    const tenant = await under({ verifiedDomains: ['acme.example'] });
    const outside = await post(tenant, 'babs@evil.example');
    expect(outside).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: expect.stringContaining('acme.example') },
    });
    expect(outside.body.detail).not.toContain('babs');
    const id = await tenant.user('babs@ACME.example');
    const more = [{ op: 'add', path: 'emails', value: [{ value: 'babs@evil.example', type: 'work' }] }];
    expect(await tenant.patch(`/Users/${id}`, more)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    expect((await post(free, 'babs@evil.example')).status).toBe(201);
  });
});

describe('F19 F30 the most users a plan allows', () => {
  it('one more is 403 with the number; a deleted one makes room', async () => {
    const tenant = await under({ maxUsers: 2 });
    const id = await tenant.user('first@acme.example');
    await tenant.user('second@acme.example');
    expect(await post(tenant, 'third@acme.example')).toMatchObject({
      status: 403,
      body: { detail: expect.stringContaining('2 users') },
    });
    await tenant.send('DELETE', `/Users/${id}`);
    expect((await post(tenant, 'third@acme.example')).status).toBe(201);
  });
});

describe('X21 C-E20 unique names of groups, where a tenant asks for them', () => {
  it('one of 20 concurrent groups gets the name; it is free again with the group', async () => {
    const tenant = await under({ displayNameUnique: true });
    const create = (displayName: string) => tenant.send('POST', '/Groups', { schemas: [GROUP], displayName });
    const answers = await Promise.all(times(20).map((n) => create(n % 2 === 0 ? 'Tours' : 'TOURS')));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array<number>(19).fill(409)]);
    expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ scimType: 'uniqueness' });
    const id = answers.find(({ status }) => status === 201)?.body.id ?? '';
    const other = await tenant.group('Sales');
    const rename = () => tenant.patch(`/Groups/${other}`, [{ op: 'replace', path: 'displayName', value: 'tours' }]);
    expect(await rename()).toMatchObject({ status: 409, body: { scimType: 'uniqueness' } });
    expect((await tenant.send('DELETE', `/Groups/${id}`)).status).toBe(204);
    expect((await rename()).status).toBe(204);
    expect((await create('Tours')).status).toBe(409);
    expect((await create('Sales')).status).toBe(201);
  });

  it('groups that are older than the wish are looked for, too; without it names may repeat', async () => {
    const tenant = await under({});
    const create = () => tenant.send('POST', '/Groups', { schemas: [GROUP], displayName: 'Old' });
    expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(201);
    await change(tenant, { displayNameUnique: true });
    expect((await until(409, create)).status).toBe(409);
    const other = await tenant.group('Other');
    for (const operation of [
      { op: 'replace', path: 'displayName', value: 'OLD' },
      { op: 'replace', value: { DisplayName: 'old' } },
    ])
      expect((await tenant.patch(`/Groups/${other}`, [operation])).status).toBe(409);
    expect((await tenant.send('PUT', `/Groups/${other}`, { schemas: [GROUP], displayName: 'Old' })).status).toBe(409);
    expect((await tenant.send('PUT', `/Groups/${other}`, { schemas: [GROUP], displayName: 'New' })).status).toBe(200);
  });
});
