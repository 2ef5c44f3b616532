import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ENTERPRISE, ERROR, GROUP, send, TenantClient, USER, type Answer } from '../clients.js';
import { startSystem, type RunningSystem } from '../running-system.js';

jest.setTimeout(120_000);

describe('resources over HTTP', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
  });

  afterAll(() => system.stop());

  const create = (body: object, query = ''): Promise<Answer> =>
    tenant.send('POST', `/Users${query}`, { schemas: [USER], ...body });
  const userNames = async (filter: string): Promise<readonly unknown[]> =>
    (await tenant.get(`/Users?filter=${encodeURIComponent(filter)}`)).body.Resources.map((user) => user['userName']);

  it('R44 R47 R49 POST answers 201 with Location and the resource as it now stands, whatever type the client claimed', async () => {
    const { status, headers, body } = await create({ userName: 'created', meta: { resourceType: 'Group' } });
    expect(status).toBe(201);
    const { meta } = body as unknown as { meta: Record<string, unknown> };
    expect(headers.get('location')).toBe(`${tenant.scimUrl}/Users/${body.id}`);
    expect(meta).toMatchObject({
      resourceType: 'User',
      location: headers.get('location'),
      version: headers.get('etag'),
    });
    expect(meta['created']).toBe(meta['lastModified']);
    expect(body).toMatchObject({ schemas: [USER], userName: 'created', active: true });
    expect((await tenant.get(`/Users/${body.id}`)).body).toEqual(body);
  });

  it('R1 a body is application/scim+json without charset, also of errors; 204 and 304 have none', async () => {
    const id = await tenant.user('media-types');
    const { headers } = await tenant.get(`/Users/${id}`);
    const answers = [
      await tenant.get(`/Users/${id}`),
      await tenant.get('/Users'),
      await tenant.get('/Schemas'),
      await tenant.get('/Users/unknown'),
      await create({ userName: 'media-types' }),
    ];
    for (const answer of answers) expect(answer.headers.get('content-type')).toBe('application/scim+json');
    const unchanged = await tenant.get(`/Users/${id}`, { 'if-none-match': headers.get('etag') ?? '' });
    const deleted = await tenant.send('DELETE', `/Users/${id}`);
    for (const [answer, status] of [
      [unchanged, 304],
      [deleted, 204],
    ] as const)
      expect([answer.status, answer.body, answer.headers.get('content-type')]).toEqual([status, {}, null]);
  });

  it('R26 meta.location is where the resource was asked for, in every answer that shows it', async () => {
    const id = await tenant.user('located');
    const location = `${tenant.scimUrl}/Users/${id}`;
    const answers = [
      await tenant.get(`/Users/${id}`),
      await tenant.send('PUT', `/Users/${id}`, { schemas: [USER], userName: 'located', title: 'a' }),
      await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: 'b' }]),
    ];
    for (const { headers, body } of answers)
      expect([headers.get('content-location'), (body['meta'] as { location: string }).location]).toEqual([
        location,
        location,
      ]);
  });

  it('R29 R103 references lead to the resource; a member that is deleted leaves the group', async () => {
    const user = await tenant.user('referenced');
    const group = await tenant.group('Refers', [user]);
    const member = (await tenant.get(`/Groups/${group}`)).body.members?.[0];
    const [membership] = (await tenant.get(`/Users/${user}`)).body['groups'] as { $ref: string }[];
    for (const [reference, id] of [
      [member?.['$ref'], user],
      [membership?.$ref, group],
    ] as const)
      expect((await send(String(reference), { token: tenant.token })).body).toMatchObject({ id });
    await tenant.send('DELETE', `/Users/${user}`);
    expect((await tenant.get(`/Groups/${group}`)).body.members ?? []).toEqual([]);
  });

  it('R20 schemas are there, each once, and only those of the resource type', async () => {
    const { body } = await create({
      schemas: [USER, USER, ENTERPRISE, 'urn:x:unknown'],
      userName: 'schemas',
      [ENTERPRISE]: { department: 'R&D' },
    });
    expect(body['schemas']).toEqual([USER, ENTERPRISE]);
    expect((await create({ schemas: [], userName: 'no-schemas' })).body).toMatchObject({ scimType: 'invalidSyntax' });
  });

  it('R24 R33 externalId may be held twice and is compared with case; userName and e-mails without', async () => {
    await create({ userName: 'Case-A@example.com', externalId: 'Ext-1', emails: [{ value: 'Mail@Example.com' }] });
    expect((await create({ userName: 'case-b@example.com', externalId: 'Ext-1' })).status).toBe(201);
    expect(await userNames('externalId eq "Ext-1"')).toHaveLength(2);
    expect(await userNames('externalId eq "ext-1"')).toEqual([]);
    expect(await userNames('userName eq "CASE-A@EXAMPLE.COM"')).toEqual(['Case-A@example.com']);
    expect(await userNames('emails.value eq "mail@example.com"')).toEqual(['Case-A@example.com']);
  });

  it('R30 one value at most is primary', async () => {
    const emails = ['a@x.example', 'b@x.example'].map((value) => ({ value, primary: true }));
    expect((await create({ userName: 'two-primaries', emails })).body).toMatchObject({
      status: '400',
      scimType: 'invalidValue',
    });
  });

  it('R32 C-E12 phone numbers and e-mails come back as they were sent', async () => {
    const sent = {
      phoneNumbers: [{ type: 'work', value: '+1 (425) 555-0100' }],
      emails: [{ value: 'Mixed.Case@Example.COM' }],
    };
    expect((await create({ userName: 'as-sent', ...sent })).body).toMatchObject(sent);
  });

  it('R64 an attribute that has its default is found by it', async () => {
    await create({ userName: 'defaulted' });
    expect(await userNames('userName eq "defaulted" and active eq true')).toEqual(['defaulted']);
    expect(await userNames('userName eq "defaulted" and active ne true')).toEqual([]);
  });

  it('R80 PUT on an unknown id is 404 and creates nothing', async () => {
    const put = await tenant.send('PUT', '/Users/0199a1b2-0000-7000-8000-000000000000', {
      schemas: [USER],
      userName: 'not-by-put',
    });
    expect(put.status).toBe(404);
    expect(await userNames('userName eq "not-by-put"')).toEqual([]);
  });

  it('R83 PUT: 400 without a required attribute, 409 for a taken userName, else the whole resource and no password', async () => {
    const id = await tenant.user('put-me', { title: 'a' });
    await tenant.user('put-taken');
    const put = (body: object) => tenant.send('PUT', `/Users/${id}`, { schemas: [USER], ...body });
    expect((await put({ title: 'b' })).body).toMatchObject({ status: '400', scimType: 'invalidValue' });
    expect((await put({ userName: 'Put-Taken' })).body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    const { status, body } = await put({ userName: 'put-me', password: 't0p-secret' });
    expect([status, body['title'], body['userName']]).toEqual([200, undefined, 'put-me']);
    expect(JSON.stringify(body)).not.toContain('t0p-secret');
  });

  it('R75 attributes and excludedAttributes work on the answers of POST, PUT and PATCH', async () => {
    const names = (answer: Answer) => Object.keys(answer.body).sort();
    const created = await create({ userName: 'projected', title: 'a', nickName: 'n' }, '?attributes=title');
    expect(names(created)).toEqual(['id', 'schemas', 'title']);
    const path = `/Users/${created.body.id}`;
    const body = { schemas: [USER], userName: 'projected', title: 'b', nickName: 'n' };
    expect(names(await tenant.send('PUT', `${path}?attributes=nickName`, body))).toEqual(['id', 'nickName', 'schemas']);
    const operations = [{ op: 'replace', path: 'title', value: 'c' }];
    expect(names(await tenant.patch(`${path}?excludedAttributes=title,nickName,meta`, operations))).not.toContain(
      'title',
    );
    expect(names(await tenant.get(`${path}?attributes=userName`))).toEqual(['id', 'schemas', 'userName']);
  });

  it('R99 C-E7 PATCH answers a user with 200, a group with 204, and with 200 when attributes are asked for', async () => {
    const users = await Promise.all([1, 2, 3].map((n) => tenant.user(`patched-${n}`)));
    const group = await tenant.group('Patched');
    const members = users.map((value) => ({ value }));
    expect((await tenant.patch(`/Users/${users[0]}`, [{ op: 'replace', path: 'title', value: 'x' }])).status).toBe(200);
    const added = await tenant.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: members }]);
    expect([added.status, added.body]).toEqual([204, {}]);
    const renamed = await tenant.patch(`/Groups/${group}?attributes=displayName`, [
      { op: 'replace', path: 'displayName', value: 'New' },
    ]);
    expect([renamed.status, renamed.body['displayName'], renamed.body.members]).toEqual([200, 'New', undefined]);
    expect((await tenant.get(`/Groups/${group}`)).body.members).toHaveLength(3);
  });

  it('X17 F11 DELETE really deletes and frees the userName; no PATCH does', async () => {
    const id = await tenant.user('deleted');
    await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value: false }]);
    expect((await tenant.get(`/Users/${id}`)).status).toBe(200);
    expect((await create({ userName: 'DELETED' })).body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(204);
    for (const method of ['GET', 'DELETE'])
      expect((await tenant.send(method, `/Users/${id}`)).body).toMatchObject({ schemas: [ERROR], status: '404' });
    expect((await create({ userName: 'deleted' })).status).toBe(201);
  });

  it('F13 F16 what identity providers map is stored, found by filter and published', async () => {
    const mapped = {
      name: { givenName: 'Ada', familyName: 'Lovelace' },
      emails: [{ type: 'work', value: 'ada@example.com', primary: true }],
      preferredLanguage: 'en-GB',
      locale: 'en-GB',
    };
    expect((await create({ userName: 'mapped', ...mapped })).body).toMatchObject(mapped);
    for (const filter of [
      'name.givenName eq "ada"',
      'name.familyName sw "love"',
      'emails[type eq "work"].value eq "ada@example.com"',
      'preferredLanguage eq "en-GB"',
      'locale pr',
    ])
      expect([filter, await userNames(filter)]).toEqual([filter, ['mapped']]);
    const schema = (await tenant.get(`/Schemas/${USER}`)).body as unknown as { attributes: { name: string }[] };
    for (const name of Object.keys(mapped))
      expect(schema.attributes.map((attribute) => attribute.name)).toContain(name);
  });

  it('F28 R38 a password is taken, and nowhere to be found again', async () => {
    const { body } = await create({ userName: 'with-password', password: 'c0rrect-horse' });
    const patched = await tenant.patch(`/Users/${body.id}`, [{ op: 'replace', value: { password: 'battery-staple' } }]);
    const asked = await tenant.get(`/Users/${body.id}?attributes=password`);
    expect(JSON.stringify([body, patched.body, asked.body])).not.toMatch(/c0rrect|battery|"password"/);
    expect((await tenant.get('/ServiceProviderConfig')).body['changePassword']).toEqual({ supported: false });
  });

  it('F20 a group lives: created, filled, renamed, emptied, deleted; its users stay', async () => {
    const user = await tenant.user('stays');
    const { body: group } = await tenant.send('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Lives',
      externalId: 'g-1',
    });
    const path = `/Groups/${group.id}`;
    await tenant.patch(path, [
      { op: 'add', path: 'members', value: [{ value: user }] },
      { op: 'replace', path: 'displayName', value: 'Still lives' },
    ]);
    expect((await tenant.get(path)).body).toMatchObject({
      displayName: 'Still lives',
      members: [{ value: user, type: 'User' }],
    });
    await tenant.patch(path, [{ op: 'remove', path: 'members' }]);
    expect((await tenant.get(path)).body.members ?? []).toEqual([]);
    expect((await tenant.send('DELETE', path)).status).toBe(204);
    expect([(await tenant.get(path)).status, (await tenant.get(`/Users/${user}`)).status]).toEqual([404, 200]);
  });
});
