import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, GROUP, send, TenantClient, USER } from '../clients.js';
import { startSystem, type RunningSystem } from '../running-system.js';

jest.setTimeout(120_000);

const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

describe('what identity providers without a recording do', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
  });

  afterAll(() => system.stop());

  const find = (filter: string, type = 'Users', more = '') =>
    tenant.get(`/${type}?filter=${encodeURIComponent(filter)}${more}`);

  it('C-E1 C-E21 Entra’s connection test: nobody by that name, in users and in groups, is 200 with an empty list', async () => {
    for (const [type, attribute] of [
      ['Users', 'userName'],
      ['Users', 'externalId'],
      ['Groups', 'displayName'],
    ] as const) {
      const { status, body } = await find(`${attribute} eq "${randomUUID()}"`, type);
      expect([status, body]).toEqual([
        200,
        { schemas: [LIST], totalResults: 0, startIndex: 1, itemsPerPage: 0, Resources: [] },
      ]);
    }
    expect((await tenant.get('/Groups')).status).toBe(200);
  });

  it('C-E3 C-E19 X20 a disabled user is found by id and filter, keeps its groups, and comes back into them', async () => {
    const id = await tenant.user('disabled@example.com', {
      externalId: 'aad-1',
      emails: [{ type: 'work', value: 'disabled@example.com' }],
    });
    const group = await tenant.group('Keeps', [id]);
    await tenant.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'False' }]);
    for (const filter of [
      'userName eq "disabled@example.com"',
      'externalId eq "aad-1"',
      'emails[type eq "work" and value eq "disabled@example.com"]',
    ])
      expect((await find(filter)).body.Resources).toMatchObject([{ id, active: false }]);
    expect((await tenant.get(`/Groups/${group}`)).body.members).toMatchObject([{ value: id }]);
    const back = await tenant.patch(`/Users/${id}`, [{ op: 'Replace', path: 'active', value: 'True' }]);
    expect(back.body).toMatchObject({ active: true, groups: [{ value: group }] });
  });

  it('C-E20 a group is made empty, found by its name without its members, and filled', async () => {
    const id = await tenant.group('Sales & "EMEA"');
    const { body } = await find('displayName eq "Sales & \\"EMEA\\""', 'Groups', '&excludedAttributes=members');
    expect(body.Resources).toMatchObject([{ id }]);
    const user = await tenant.user('filled');
    expect(
      (await tenant.patch(`/Groups/${id}`, [{ op: 'Add', path: 'members', value: [{ $ref: null, value: user }] }]))
        .status,
    ).toBe(204);
    expect((await find(`id eq "${id}" and members eq "${user}"`, 'Groups', '&attributes=id')).body.totalResults).toBe(
      1,
    );
  });

  it('C-E22 replacing emails[primary eq true].value changes that e-mail', async () => {
    const id = await tenant.user('primary', {
      emails: [{ value: 'old@example.com', primary: true }, { value: 'other@example.com' }],
    });
    const { body } = await tenant.patch(`/Users/${id}`, [
      { op: 'replace', path: 'emails[primary eq true].value', value: 'new@example.com' },
    ]);
    expect(body['emails']).toMatchObject([{ value: 'new@example.com', primary: true }, { value: 'other@example.com' }]);
  });

  it('C-O3 the base URL that is handed out has no underscore and no query, and is short enough', async () => {
    const connection = await send(`${system.url}/admin/v1/tenants/${tenant.id}/connection`, {
      token: system.adminToken,
    });
    expect(connection.body['scimBaseUrl']).toBe(tenant.scimUrl);
    expect(tenant.scimUrl).toMatch(/^https?:\/\/[^_?#]{1,1000}\/scim\/v2$/);
  });

  it('C-O10 C-O12 errors are JSON with the Error schema, the status as text and a detail', async () => {
    await tenant.user('okta@example.com');
    expect((await find('userName eq "OKTA@EXAMPLE.COM"')).body.totalResults).toBe(1);
    const errors = [
      await tenant.get('/Users/unknown'),
      await send(`${tenant.scimUrl}/Users`),
      await tenant.get('/Nothing'),
      await tenant.send('POST', '/Users', {}),
    ];
    for (const { status, headers, body } of errors) {
      expect(headers.get('content-type')).toBe('application/scim+json');
      expect(body).toMatchObject({ schemas: [ERROR], status: String(status), detail: expect.any(String) });
    }
  });

  it('C-N1 C-N2 C-N7 the first probes: a list of one, or of nobody, is 200', async () => {
    const json = { accept: 'application/json', 'content-type': 'application/json' };
    const probes = [
      '/Users?count=1',
      '/Users?startIndex=1&count=2',
      '/Users',
      '/Groups?count=1',
      `/Users?filter=${encodeURIComponent('userName eq "nobody"')}`,
    ];
    for (const path of probes) {
      const { status, headers, body } = await tenant.get(path, json);
      expect([path, status, headers.get('content-type'), body['schemas']]).toEqual([
        path,
        200,
        'application/json',
        [LIST],
      ]);
    }
  });

  it('C-N2 Google suspends by PATCH and deletes later, or at once', async () => {
    const id = await tenant.user('google@example.com', { name: { givenName: 'G', familyName: 'W' } });
    expect((await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }])).body['active']).toBe(
      false,
    );
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(404);
  });

  it('C-N3 JumpCloud makes and deletes a test user and group, deactivates by PUT, removes members by value list', async () => {
    const name = { givenName: 'Test', familyName: 'User' };
    const id = await tenant.user('jc-test@example.com', {
      name,
      emails: [{ type: 'work', value: 'jc-test@example.com', primary: true }],
    });
    const stays = await tenant.user('jc-stays@example.com');
    const put = await tenant.send('PUT', `/Users/${id}`, {
      schemas: [USER],
      userName: 'jc-test@example.com',
      name,
      active: false,
      title: null,
    });
    expect([put.status, put.body['active']]).toEqual([200, false]);
    const group = await tenant.group('JumpCloud test', [id, stays]);
    await tenant.patch(`/Groups/${group}`, [{ op: 'remove', path: 'members', value: [{ value: id }] }]);
    expect((await tenant.get(`/Groups/${group}`)).body.members).toMatchObject([{ value: stays }]);
    expect([
      (await tenant.send('DELETE', `/Groups/${group}`)).status,
      (await tenant.send('DELETE', `/Users/${id}`)).status,
    ]).toEqual([204, 204]);
  });

  it('C-N4 Ping: a base URL with a slash at its end, pages of 1000 and of -1, wrong credentials fail, groups by PUT', async () => {
    const user = await tenant.user('ping@example.com', { emails: [{ value: 'ping@example.com' }] });
    expect((await tenant.get('/Users/?count=1000')).status).toBe(200);
    expect((await tenant.get('/Users?count=-1')).body).toMatchObject({ itemsPerPage: 0 });
    expect((await find('emails Eq "ping@example.com"')).body.Resources).toMatchObject([{ id: user }]);
    expect((await send(`${tenant.scimUrl}/Users`, { token: 'wrong' })).status).toBe(401);
    const group = await tenant.group('Ping');
    const put = await tenant.send('PUT', `/Groups/${group}`, {
      schemas: [GROUP],
      displayName: 'Ping',
      members: [{ value: user }],
    });
    expect([put.status, put.body.members]).toMatchObject([200, [{ value: user }]]);
  });

  it('C-N8 a verb that an endpoint does not know is 405, never 404', async () => {
    for (const [method, path] of [
      ['PUT', '/Users'],
      ['DELETE', '/Groups'],
      ['PATCH', '/Schemas'],
      ['POST', '/ResourceTypes/User'],
    ] as const) {
      const { status, headers } = await tenant.send(method, path, {});
      expect([method, path, status]).toEqual([method, path, 405]);
      expect(headers.get('allow')).not.toBeNull();
    }
    const { body } = await tenant.get('/ServiceProviderConfig');
    expect(body).toMatchObject({ patch: { supported: true } });
  });

  it('X21 a group may have no members; names and members are found by filter; 50 members change in one PATCH', async () => {
    const group = await tenant.group('Fifty');
    const users = await Promise.all(Array.from({ length: 50 }, (_, n) => tenant.user(`fifty-${n}`)));
    const operations = users.map((value) => ({ op: 'add', path: 'members', value: [{ value }] }));
    expect((await tenant.patch(`/Groups/${group}`, operations)).status).toBe(204);
    expect((await find(`members[value eq "${users[7]}"]`, 'Groups')).body.Resources).toMatchObject([{ id: group }]);
    expect((await tenant.get(`/Groups/${group}`)).body.members).toHaveLength(50);
  });

  it('C-E15 C-N6 F14 an access token of client_credentials has the scope scim and opens SCIM, nothing else', async () => {
    const client = await send(`${system.url}/admin/v1/tenants/${tenant.id}/clients`, {
      method: 'POST',
      token: system.adminToken,
      headers: { 'content-type': 'application/json' },
      body: { name: 'entra', grantTypes: ['client_credentials'], redirectUris: [] },
    });
    const { clientId, clientSecret } = client.body as unknown as Record<string, string>;
    const form = `grant_type=client_credentials&client_id=${clientId}&client_secret=${encodeURIComponent(clientSecret ?? '')}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { body } = await send(`${system.url}/oauth2/token`, { method: 'POST', headers, raw: form });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'scim' });
    const token = String(body['access_token']);
    expect((await send(`${tenant.scimUrl}/Users?count=1`, { token })).status).toBe(200);
    expect((await send(`${system.url}/admin/v1/tenants`, { token })).status).toBe(401);
  });
});
