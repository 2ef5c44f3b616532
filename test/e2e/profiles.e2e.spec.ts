import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GROUP, send, TenantClient, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const rateLimit = { perSecond: 100_000, burst: 100_000 };

let system: RunningSystem;
let lenient: TenantClient;
let rfc: TenantClient;
let strict: TenantClient;

beforeAll(async () => {
  system = await startSystem('one process');
  lenient = await TenantClient.create(system);
  rfc = await TenantClient.create(system, { rateLimit, profile: 'rfc' });
  strict = await TenantClient.create(system, { rateLimit, profile: 'interop-strict' });
}, 90_000);
afterAll(() => system.stop());

const refusal = ({ status, body }: Answer) => (status < 300 ? status : `${status} ${String(body['scimType'])}`);
const config = async (tenant: TenantClient) => (await tenant.get('/ServiceProviderConfig')).body;
let count = 0;
const name = () => `profile-${(count += 1)}@acme.example`;

describe('X13 conformance with the interoperability profile', () => {
  it('is claimed to a connection of the strict profile, and to nobody else', async () => {
    expect(await config(strict)).toMatchObject({ interopProfileConformant: true });
    expect(await config(lenient)).not.toHaveProperty('interopProfileConformant');
    expect(await config(rfc)).not.toHaveProperty('interopProfileConformant');
    expect((await send(`${strict.scimUrl}/ServiceProviderConfig`)).body).not.toHaveProperty('interopProfileConformant');
  });

  it('X17 is not claimed where DELETE does not delete', async () => {
    const tenant = await TenantClient.create(system, {
      rateLimit,
      profile: 'interop-strict',
      deletePolicy: 'deactivate',
    });
    expect(await config(tenant)).not.toHaveProperty('interopProfileConformant');
  });
});

describe('one request under three profiles', () => {
  const user = (more: object) => (tenant: TenantClient) =>
    tenant.send('POST', '/Users', { schemas: [USER], userName: name(), ...more });
  const group = (more: object) => (tenant: TenantClient) =>
    tenant.send('POST', '/Groups', { schemas: [GROUP], displayName: name(), ...more });
  const patch = (operation: object) => async (tenant: TenantClient) =>
    tenant.patch(`/Users/${await tenant.user(name(), { emails: [{ value: 'a@b.example', type: 'work' }] })}`, [
      operation,
    ]);
  const patchGroup = (operation: object) => async (tenant: TenantClient) =>
    tenant.patch(`/Groups/${await tenant.group(name())}`, [operation]);
  const filter = (text: string) => (tenant: TenantClient) => tenant.get(`/Users?filter=${encodeURIComponent(text)}`);

  it.each<[string, (tenant: TenantClient) => Promise<Answer>, number | string, number | string, number | string]>([
    ['X14 an unknown attribute', user({ colour: 'red' }), 201, '400 invalidSyntax', '400 invalidSyntax'],
    ['X14 an unknown schema', user({ schemas: [USER, 'urn:x:y'] }), 201, '400 invalidSyntax', '400 invalidSyntax'],
    ['X14 an unknown attribute of a group', group({ colour: 'red' }), 201, '400 invalidSyntax', '400 invalidSyntax'],
    [
      'X14 an unknown path',
      patch({ op: 'add', path: 'urn:x:y:z', value: 1 }),
      200,
      '400 invalidPath',
      '400 invalidSyntax',
    ],
    ['X15 an unknown attribute in a filter', filter('colour eq "red"'), 200, 200, '400 invalidFilter'],
    ['X16 C-O7 no path', patch({ op: 'replace', value: { active: false } }), 200, 200, '400 invalidSyntax'],
    [
      'X16 C-O8 no path, for a group',
      patchGroup({ op: 'replace', value: { displayName: 'X' } }),
      204,
      204,
      '400 invalidSyntax',
    ],
    [
      'X16 a whole element as path',
      patch({ op: 'replace', path: 'emails[type eq "work"]', value: { value: 'c@d.example' } }),
      200,
      200,
      '400 invalidPath',
    ],
    [
      'R93 C-E9 a path that matches nothing',
      patch({ op: 'replace', path: 'phoneNumbers[type eq "work"].value', value: '1' }),
      200,
      '400 noTarget',
      '400 noTarget',
    ],
    ['C-E5 a boolean as text', user({ active: 'True' }), 201, '400 invalidValue', '400 invalidValue'],
    ['X16 add is replace for a simple attribute', patch({ op: 'add', path: 'active', value: false }), 200, 200, 200],
  ])('%s', async (_, ask, byDefault, byRfc, byInterop) => {
    expect([refusal(await ask(lenient)), refusal(await ask(rfc)), refusal(await ask(strict))]).toEqual([
      byDefault,
      byRfc,
      byInterop,
    ]);
  });

  it('R87 a refused PATCH leaves everything as it was', async () => {
    const id = await strict.user(name());
    const before = (await strict.get(`/Users/${id}`)).body;
    const operations = [
      { op: 'replace', path: 'displayName', value: 'X' },
      { op: 'add', path: 'colour', value: 'red' },
    ];
    expect(refusal(await strict.patch(`/Users/${id}`, operations))).toBe('400 invalidSyntax');
    expect((await strict.get(`/Users/${id}`)).body).toEqual(before);
  });

  it('R92 replace of a complex attribute leaves nothing behind in the interoperability profile', async () => {
    const replaced = async (tenant: TenantClient) => {
      const id = await tenant.user(name(), { name: { givenName: 'Barbara', familyName: 'Jensen' } });
      return (await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'name', value: { givenName: 'Babs' } }])).body[
        'name'
      ];
    };
    expect(await replaced(lenient)).toEqual({ givenName: 'Babs', familyName: 'Jensen' });
    expect(await replaced(rfc)).toEqual({ givenName: 'Babs', familyName: 'Jensen' });
    expect(await replaced(strict)).toEqual({ givenName: 'Babs' });
  });

  it('X17 DELETE deletes and frees the name', async () => {
    const userName = name();
    const id = await strict.user(userName);
    expect((await strict.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await strict.get(`/Users/${id}`)).status).toBe(404);
    expect(await strict.user(userName)).not.toBe(id);
  });

  it('members come and go in the forms that the interoperability profile knows', async () => {
    const [id, groupId] = [await strict.user(name()), await strict.group(name())];
    const members = async () => ((await strict.get(`/Groups/${groupId}`)).body.members ?? []).map(({ value }) => value);
    const change = (operation: object) => strict.patch(`/Groups/${groupId}`, [operation]);
    expect((await change({ op: 'add', path: 'members', value: [{ value: id }] })).status).toBe(204);
    expect(await members()).toEqual([id]);
    expect((await change({ op: 'remove', path: `members[value eq "${id}"]` })).status).toBe(204);
    expect(await members()).toEqual([]);
  });
});

it('F29 a profile of one connection leaves the other connections of the tenant alone', async () => {
  const tenant = await TenantClient.create(system);
  const admin = { token: system.adminToken, headers: { 'content-type': 'application/json' } };
  const url = `${system.url}/admin/v1/tenants/${tenant.id}`;
  const issued = await send(`${url}/tokens`, { ...admin, method: 'POST', body: { name: 'strict' } });
  const settings = { connectionProfiles: { [issued.body.id]: 'interop-strict' } };
  expect((await send(url, { ...admin, method: 'PATCH', body: { settings } })).status).toBe(200);
  const post = (token: string) =>
    send(`${tenant.scimUrl}/Users`, {
      method: 'POST',
      token,
      body: { schemas: [USER], userName: name(), colour: 'red' },
    });
  expect((await post(issued.body.token)).status).toBe(400);
  expect((await post(tenant.token)).status).toBe(201);
});
