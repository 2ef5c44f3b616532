import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, GROUP, send, TenantClient, times, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem, type Topology } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(180_000);

const ROLE = 'urn:okta:scim:schemas:core:1.0:Role';
const ENTITLEMENT = 'urn:okta:scim:schemas:core:1.0:Entitlement';
const DRAFT_ROLE = 'urn:ietf:params:scim:schemas:core:2.0:Role';
const SEAT = 'urn:acme:scim:Seat';
const SEAT_MORE = 'urn:acme:scim:SeatMore';

const seat = {
  resourceType: 'Custom',
  name: 'Seat',
  attributes: [
    { name: 'code', uniqueness: 'server', required: true },
    { name: 'label' },
    { name: 'price', type: 'decimal' },
    { name: 'serial', mutability: 'immutable', caseExact: true },
    {
      name: 'tags',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value' }, { name: 'type' }, { name: 'primary', type: 'boolean' }],
    },
  ],
};
const more = { resourceType: 'Custom', attributes: [{ name: 'floor', type: 'integer' }] };
const types = {
  Role: { endpoint: '/Roles', schema: ROLE, description: 'What a user may do' },
  License: { endpoint: '/Licenses', schema: ENTITLEMENT },
  Seat: { endpoint: '/Seats', schema: SEAT, schemaExtensions: [{ schema: SEAT_MORE, required: false }] },
};

let system: RunningSystem;
let acme: TenantClient;
let globex: TenantClient;

const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
  send(`${system.url}/admin/v1/tenants/${path}`, {
    method,
    token: system.adminToken,
    ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
  });

/** Asks until the answer has that status: what the control plane acknowledged is known to resource servers within seconds. */
const until = async (status: number, ask: () => Promise<Answer>): Promise<Answer> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || Date.now() > deadline) return answer;
    await new Promise((again) => setTimeout(again, 50));
  }
};

const register = async (tenant: TenantClient): Promise<void> => {
  for (const [urn, document] of Object.entries({ [SEAT]: seat, [SEAT_MORE]: more }))
    expect((await admin('PUT', `${tenant.id}/schemas/${urn}`, document)).status).toBe(201);
  for (const [name, document] of Object.entries(types))
    expect((await admin('PUT', `${tenant.id}/resource-types/${name}`, document)).status).toBe(201);
  for (const base of system.scimApis) {
    const answer = await until(200, () => tenant.through(base).get('/Seats'));
    expect(answer.status).toBe(200);
  }
};

const start = async (topology: Topology): Promise<void> => {
  system = await startSystem(topology);
  [acme, globex] = [await TenantClient.create(system), await TenantClient.create(system)];
  await register(acme);
};

const newSeat = (code: string, attributes: object = {}) => ({ schemas: [SEAT], code, ...attributes });
const create = async (path: string, body: object): Promise<string> => {
  const { status, body: created } = await acme.send('POST', path, body);
  expect([status, created.detail]).toEqual([201, undefined]);
  return created.id;
};
const found = async (path: string) => {
  const { body } = await acme.get(path);
  return body.Resources.map(({ code, displayName, userName }) => code ?? displayName ?? userName);
};

describe('X12 resource types of a tenant’s own', () => {
  beforeAll(() => start('one process'), 120_000);
  afterAll(() => system.stop());

  describe('in discovery', () => {
    it('stand for that tenant, for callers with its credentials alone', async () => {
      const names = async (of: TenantClient) => (await of.get('/ResourceTypes')).body.Resources.map(({ id }) => id);
      expect(await names(acme)).toEqual(['User', 'Group', 'License', 'Role', 'Seat']);
      expect(await names(globex)).toEqual(['User', 'Group']);
      expect((await send(`${acme.scimUrl}/ResourceTypes`)).body.totalResults).toBe(2);
      expect((await send(`${acme.scimUrl}/ResourceTypes/Role`)).status).toBe(404);
      expect((await acme.get('/ResourceTypes/Seat')).body).toMatchObject({
        name: 'Seat',
        endpoint: '/Seats',
        schema: SEAT,
        schemaExtensions: [{ schema: SEAT_MORE, required: false }],
        meta: { location: `${acme.scimUrl}/ResourceTypes/Seat` },
      });
      const ids = (await acme.get('/Schemas')).body.Resources.map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining([ROLE, ENTITLEMENT, SEAT, SEAT_MORE]));
      expect((await globex.get(`/Schemas/${SEAT}`)).status).toBe(404);
    });

    it('ServiceProviderConfig tells of roles and entitlements by the okta profile alone', async () => {
      expect((await acme.get('/ServiceProviderConfig')).body).not.toHaveProperty('RolesAndEntitlements');
      const tenant = await TenantClient.create(system, { profile: 'okta' });
      const { body } = await tenant.get('/ServiceProviderConfig');
      expect(body['RolesAndEntitlements']).toMatchObject({ roles: { supported: false, multipleRolesSupported: true } });
      const role = { endpoint: '/Roles', schema: DRAFT_ROLE };
      expect((await admin('PUT', `${tenant.id}/resource-types/Role`, role)).status).toBe(201);
      await until(200, () => tenant.get('/Roles'));
      expect((await tenant.get('/ServiceProviderConfig')).body['RolesAndEntitlements']).toMatchObject({
        roles: { supported: true },
        entitlements: { supported: false },
      });
      const sent = { schemas: [DRAFT_ROLE], value: 'admin', display: 'Admin', supported: true, contains: ['reader'] };
      expect((await tenant.send('POST', '/Roles', sent)).body).toMatchObject(sent);
      expect((await tenant.send('POST', '/Roles', { schemas: [DRAFT_ROLE], value: 'x' })).status).toBe(400);
    });
  });

  describe('C-O13 as Okta discovers them', () => {
    it('types, then the endpoint of each, then users who carry them', async () => {
      const role = await create('/Roles', { schemas: [ROLE], displayName: 'Administrator', type: 'Role' });
      await create('/Roles', { schemas: [ROLE], displayName: 'Auditor' });
      const license = await create('/Licenses', {
        schemas: [ENTITLEMENT],
        displayName: 'Designer',
        type: 'License',
        description: 'May draw',
      });
      const { Resources } = (await acme.get('/ResourceTypes')).body;
      const endpointOf = (urn: string) => Resources.find(({ schema }) => schema === urn)?.['endpoint'];
      expect([endpointOf(ROLE), endpointOf(ENTITLEMENT)]).toEqual(['/Roles', '/Licenses']);
      const probe = (await acme.get('/Roles?startIndex=1&count=1')).body;
      expect(probe).toMatchObject({ totalResults: 2, itemsPerPage: 1, startIndex: 1 });
      const [first] = (await acme.get('/Licenses?startIndex=1&count=100')).body.Resources;
      expect(first).toMatchObject({
        schemas: [ENTITLEMENT],
        id: license,
        displayName: 'Designer',
        type: 'License',
        description: 'May draw',
        meta: { resourceType: 'License', location: `${acme.scimUrl}/Licenses/${license}` },
      });
      const user = await acme.user('carrier@acme.example', {
        roles: [{ value: role, display: 'Administrator' }],
        entitlements: [{ value: license, display: 'Designer', type: 'License' }],
      });
      expect((await acme.get(`/Users/${user}`)).body).toMatchObject({
        roles: [{ value: role, display: 'Administrator' }],
        entitlements: [{ value: license, display: 'Designer', type: 'License' }],
      });
    });
  });

  describe('over SCIM', () => {
    it('are created, read, replaced, patched and deleted, with versions', async () => {
      const created = await acme.send('POST', '/Seats', {
        schemas: [SEAT, SEAT_MORE],
        Code: 'A-1',
        label: 'Window',
        price: 9.5,
        serial: 'S1',
        unknown: 'dropped',
        [SEAT_MORE]: { floor: 3 },
      });
      expect(created).toMatchObject({
        status: 201,
        body: { schemas: [SEAT, SEAT_MORE], code: 'A-1', price: 9.5, [SEAT_MORE]: { floor: 3 } },
      });
      expect(created.body).not.toHaveProperty('unknown');
      const path = `/Seats/${created.body.id}`;
      expect(created.headers.get('location')).toBe(acme.scimUrl + path);
      const etag = created.headers.get('etag') ?? '';
      expect((await acme.get(path, { 'if-none-match': etag })).status).toBe(304);
      expect((await acme.get(path)).body).toEqual(created.body);

      const patched = await acme.patch(path, [
        { op: 'add', path: 'tags', value: [{ value: 'x', type: 'colour', primary: true }] },
        { op: 'replace', path: 'tags[type eq "colour"].value', value: 'red' },
        { op: 'replace', path: `${SEAT_MORE}:floor`, value: 4 },
        { op: 'remove', path: 'price' },
      ]);
      expect(patched).toMatchObject({
        status: 200,
        body: { tags: [{ value: 'red', type: 'colour', primary: true }], [SEAT_MORE]: { floor: 4 } },
      });
      expect(patched.body).not.toHaveProperty('price');
      const stale = await acme.send('PUT', path, newSeat('A-1'), { 'if-match': etag });
      expect(stale.status).toBe(412);
      const same = await acme.patch(path, [{ op: 'replace', path: 'label', value: 'Window' }]);
      expect(same.headers.get('etag')).toBe(patched.headers.get('etag'));
      expect(await acme.patch(path, [{ op: 'replace', path: 'serial', value: 'S2' }])).toMatchObject({
        status: 400,
        body: { scimType: 'mutability' },
      });
      const replaced = await acme.send('PUT', path, newSeat('A-1', { label: 'Aisle' }));
      expect(replaced.body).toMatchObject({ schemas: [SEAT], label: 'Aisle', serial: 'S1' });
      expect(replaced.body).not.toHaveProperty('tags');

      expect((await acme.send('DELETE', path)).status).toBe(204);
      for (const method of ['GET', 'DELETE']) expect((await acme.send(method, path)).status).toBe(404);
      expect((await acme.send('POST', '/Seats', { schemas: [SEAT], label: 'without code' })).status).toBe(400);
      expect((await acme.send('POST', '/Seats', newSeat('x', { price: 'dear' }))).status).toBe(400);
    });

    it('are resources of their type alone: an id of another type is unknown', async () => {
      const id = await create('/Seats', newSeat('only-seat'));
      for (const endpoint of ['Roles', 'Users', 'Groups'])
        expect((await acme.get(`/${endpoint}/${id}`)).status).toBe(404);
      expect((await acme.send('DELETE', `/Roles/${id}`)).status).toBe(404);
      expect((await acme.get(`/Seats/${id}`)).status).toBe(200);
    });

    it('are filtered, sorted, paged and projected like any other, read right after the write', async () => {
      for (const n of times(5))
        await create('/Seats', newSeat(`row-${n}`, { label: n % 2 === 0 ? 'Even' : 'odd', price: 5 - n }));
      const row = 'code sw "ROW-"';
      const query = (filter: string, rest = '') => `/Seats?filter=${encodeURIComponent(filter)}${rest}`;
      expect(await found(query(`${row} and label eq "even" and price lt 5`))).toEqual(['row-2', 'row-4']);
      expect(await found(query(row, '&sortBy=price&count=2'))).toEqual(['row-4', 'row-3']);
      expect(await found(query(row, '&sortBy=code&sortOrder=descending&startIndex=4'))).toEqual(['row-1', 'row-0']);
      expect(await acme.get(query('price eq "dear"'))).toMatchObject({
        status: 400,
        body: { schemas: [ERROR], scimType: 'invalidFilter' },
      });
      const first = await acme.get(query(row, '&sortBy=code&count=3&cursor='));
      const next = String(first.body['nextCursor']);
      expect(await found(query(row, `&sortBy=code&count=3&cursor=${next}`))).toEqual(['row-3', 'row-4']);
      expect((await acme.get(`/Roles?count=3&cursor=${next}`)).body).toMatchObject({ scimType: 'invalidCursor' });
      const searched = await acme.send('POST', '/Seats/.search', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
        filter: 'code eq "ROW-3"',
        attributes: ['label'],
      });
      expect(searched).toMatchObject({ status: 200, body: { totalResults: 1, Resources: [{ label: 'odd' }] } });
      expect(searched.body.Resources[0]).not.toHaveProperty('code');
      expect((await acme.get(query(row, '&excludedAttributes=price'))).body.Resources[0]).not.toHaveProperty('price');
    });

    it('R36 what the schema wants unique is unique, whoever comes at once', async () => {
      const answers = await Promise.all(times(20).map(() => acme.send('POST', '/Seats', newSeat('Unique-Ä'))));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...times(19).map(() => 409)]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ scimType: 'uniqueness' });
      const other = await create('/Seats', newSeat('other'));
      const path = `/Seats/${other}`;
      const taken = [{ op: 'replace', path: 'code', value: 'UNIQUE-ä' }];
      expect((await acme.patch(path, taken)).status).toBe(409);
      const holder = answers.find(({ status }) => status === 201)?.body.id ?? '';
      expect((await acme.send('DELETE', `/Seats/${holder}`)).status).toBe(204);
      expect((await acme.patch(path, taken)).status).toBe(200);
    });

    it('are among all resources of a query over all types', async () => {
      await create('/Seats', newSeat('everywhere', { label: 'needle' }));
      await acme.user('needle@acme.example', { title: 'needle' });
      const filter = encodeURIComponent('label eq "needle" or title eq "needle"');
      expect((await found(`/?filter=${filter}`)).sort()).toEqual(['everywhere', 'needle@acme.example']);
      const ofType = encodeURIComponent('meta.resourceType eq "License"');
      expect(await found(`/?filter=${ofType}`)).toEqual(['Designer']);
    });

    it('take part in bulk requests, by bulkId too', async () => {
      const answer = await acme.send('POST', '/Bulk', {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          { method: 'POST', path: '/Seats', bulkId: 's', data: newSeat('bulk-1') },
          { method: 'PATCH', path: '/Seats/bulkId:s', data: patchOf({ op: 'replace', path: 'label', value: 'bulk' }) },
          {
            method: 'POST',
            path: '/Users',
            bulkId: 'u',
            data: { schemas: [USER], userName: 'bulk@acme.example', entitlements: [{ value: 'bulkId:s' }] },
          },
          { method: 'POST', path: '/Desks', bulkId: 'd', data: newSeat('bulk-2') },
        ],
      });
      const results = answer.body['Operations'] as readonly Record<string, string>[];
      expect(results.map(({ status }) => status)).toEqual(['201', '200', '201', '404']);
      const id = results[0]?.['location']?.split('/').pop() ?? '';
      expect((await acme.get(`/Seats/${id}`)).body).toMatchObject({ code: 'bulk-1', label: 'bulk' });
      const user = (await acme.get(`/Users?filter=${encodeURIComponent('userName eq "bulk@acme.example"')}`)).body;
      expect(user.Resources[0]).toMatchObject({ entitlements: [{ value: id }] });
    });

    it('are created once for one Idempotency-Key', async () => {
      const key = { 'idempotency-key': 'seat-once' };
      const [a, b] = [
        await acme.send('POST', '/Seats', newSeat('once'), key),
        await acme.send('POST', '/Seats', newSeat('once'), key),
      ];
      expect([a.status, b.status, b.body.id]).toEqual([201, 201, a.body.id]);
    });

    it('are switched off by provisioning.resources, for writers alone', async () => {
      const tenant = await TenantClient.create(system, { provisioning: { resources: false } });
      expect((await admin('PUT', `${tenant.id}/resource-types/Role`, types.Role)).status).toBe(201);
      expect((await until(200, () => tenant.get('/Roles'))).body.totalResults).toBe(0);
      const sent = { schemas: [ROLE], displayName: 'Admin' };
      expect(await tenant.send('POST', '/Roles', sent)).toMatchObject({ status: 403, body: { schemas: [ERROR] } });
    });

    it('R8 whatever they do not answer is 405 with Allow, and unknown endpoints stay 404', async () => {
      const allowed = async (method: string, path: string) => {
        const { status, headers } = await acme.send(method, path);
        return [status, headers.get('allow')];
      };
      expect(await allowed('DELETE', '/Seats')).toEqual([405, 'GET, POST']);
      expect(await allowed('POST', '/Seats/x')).toEqual([405, 'GET, PUT, PATCH, DELETE']);
      expect(await allowed('POST', '/ResourceTypes')).toEqual([405, 'GET']);
      expect(await allowed('GET', '/Bulk')).toEqual([405, 'POST']);
      expect(await allowed('GET', '/Desks')).toEqual([404, null]);
      expect(await allowed('GET', '/Me')).toEqual([501, null]);
      const unknown = await acme.send('POST', '/Desks', newSeat('x'), { prefer: 'respond-async' });
      expect(unknown).toMatchObject({ status: 404, body: { schemas: [ERROR] } });
    });
  });

  it('tenants never meet: no endpoint, id or total of one is another’s', async () => {
    const id = await create('/Seats', newSeat('mine'));
    expect((await globex.get('/Seats')).status).toBe(404);
    expect((await globex.send('POST', '/Seats', newSeat('x'))).status).toBe(404);
    await register(globex);
    expect((await globex.get('/Seats')).body.totalResults).toBe(0);
    expect((await globex.get(`/Seats/${id}`)).status).toBe(404);
    expect((await globex.send('DELETE', `/Seats/${id}`)).status).toBe(404);
    expect((await globex.send('POST', '/Seats', newSeat('mine'))).status).toBe(201);
    expect((await send(`${acme.scimUrl}/Seats`, { token: globex.token })).status).toBe(403);
  });

  it('an operator registers them with care', async () => {
    const put = (name: string, document: object) => admin('PUT', `${acme.id}/resource-types/${name}`, document);
    expect((await put('Seat', types.Seat)).status).toBe(200);
    expect(await put('Users', types.Role)).toMatchObject({
      status: 400,
      body: { error: { code: 'resource-type-invalid' } },
    });
    expect((await put('Seat', { ...types.Seat, endpoint: '/Chairs' })).status).toBe(409);
    expect((await put('Chair', types.Seat)).status).toBe(409);
    const { body } = await admin('GET', `${acme.id}/resource-types/seat`);
    expect(body).toMatchObject({
      id: 'Seat',
      name: 'Seat',
      endpoint: '/Seats',
      meta: { resourceType: 'ResourceType' },
    });
    expect((await put('Seat', body)).status).toBe(200); // what was read can be sent back
    expect((await admin('DELETE', `${acme.id}/schemas/${SEAT}`)).status).toBe(409);
    expect((await admin('GET', `${acme.id}/resource-types/Chair`)).status).toBe(404);
  });

  it('retired, they and their resources are out of reach until they come back', async () => {
    const tenant = await TenantClient.create(system);
    await register(tenant);
    const { body } = await tenant.send('POST', '/Roles', { schemas: [ROLE], displayName: 'Kept' });
    expect((await admin('DELETE', `${tenant.id}/resource-types/Role`)).status).toBe(204);
    expect((await until(404, () => tenant.get('/Roles'))).status).toBe(404);
    const all = await tenant.get('/');
    expect(all.body.totalResults).toBe(0);
    expect((await admin('PUT', `${tenant.id}/resource-types/Role`, types.Role)).status).toBe(201);
    expect((await until(200, () => tenant.get(`/Roles/${body.id}`))).body).toMatchObject({ displayName: 'Kept' });
  });

  it('operators read their past, and erase them', async () => {
    const id = await create('/Seats', newSeat('past', { label: 'before' }));
    await acme.patch(`/Seats/${id}`, [{ op: 'replace', path: 'label', value: 'after' }]);
    const history = await admin('GET', `${acme.id}/resources/${id}/history`);
    expect(history.body['events']).toMatchObject([
      { type: 'ResourceCreated', paths: ['code', 'label'] },
      { type: 'ResourceAttributesChanged', changes: [{ path: 'label', before: 'before', after: 'after' }] },
    ]);
    expect((await admin('GET', `${acme.id}/resources/${id}`)).body).toMatchObject({
      schemas: [SEAT],
      label: 'after',
      meta: { resourceType: 'Seat' },
    });
    const audit = await admin('GET', `${acme.id}/audit?resource=${id}`);
    expect(audit.body['items']).toMatchObject([{ resource: { type: 'Seat', id } }, { type: 'ResourceCreated' }]);
    expect((await admin('POST', `${acme.id}/resources/${id}/erasure`, {})).status).toBe(409);
    expect((await admin('POST', `${acme.id}/resources/${id}/erasure`, { force: true })).status).toBe(200);
    expect((await acme.get(`/Seats/${id}`)).status).toBe(404);
    expect((await admin('GET', `${acme.id}/resources/${id}`)).status).toBe(410);
  });

  it('Kafka hears of each change, and holds each resource as it is', async () => {
    const id = await create('/Licenses', { schemas: [ENTITLEMENT], displayName: 'Told' });
    await acme.patch(`/Licenses/${id}`, [{ op: 'replace', path: 'displayName', value: 'Retold' }]);
    await acme.send('DELETE', `/Licenses/${id}`);
    const key = `${acme.id}/License/${id}`;
    const of = (records: readonly TopicRecord[], topic: string) =>
      records.filter((record) => record.key === key && record.topic === topic);
    const records = await readTopics(
      system,
      ['changes.v1', 'resources.v1'],
      (read) => of(read, 'changes.v1').length === 3 && of(read, 'resources.v1').length === 3,
    );
    expect(of(records, 'changes.v1').map(({ headers }) => headers['ce_type'])).toEqual([
      'resource.created',
      'resource.updated',
      'resource.deleted',
    ]);
    expect(of(records, 'changes.v1')[0]?.headers['ce_subject']).toBe(`/Licenses/${id}`);
    expect(of(records, 'resources.v1').map(({ value }) => value)).toMatchObject([
      { schemas: [ENTITLEMENT], id, displayName: 'Told', meta: { resourceType: 'License' } },
      { displayName: 'Retold', meta: { version: 'W/"1"' } },
      null,
    ]);
    expect(records.some((record) => record.topic === 'resources.v1' && record.key.includes(`/${GROUP}/`))).toBe(false);
  });
});

describe('X12 resource types of a tenant’s own on separate services', () => {
  beforeAll(() => start('separate services'), 180_000);
  afterAll(() => system.stop());

  it('what one replica wrote another shows, and holds unique', async () => {
    const [one = '', two = ''] = system.scimApis;
    const [here, there] = [acme.through(one), acme.through(two)];
    for (const n of times(5)) {
      const { status, body } = await here.send('POST', '/Seats', newSeat(`shared-${n}`));
      expect(status).toBe(201);
      expect((await there.get(`/Seats/${body.id}`)).body).toMatchObject({ code: `shared-${n}` });
      expect((await there.get('/Seats')).body.totalResults).toBe(n + 1);
      expect((await there.send('POST', '/Seats', newSeat(`SHARED-${n}`))).status).toBe(409);
    }
    const accepted = await there.send('POST', '/Seats', newSeat('later'), { prefer: 'respond-async' });
    expect(accepted.status).toBe(202);
    const filter = encodeURIComponent('code eq "later"');
    const deadline = Date.now() + 60_000;
    while ((await here.get(`/Seats?filter=${filter}`)).body.totalResults === 0 && Date.now() < deadline)
      await new Promise((again) => setTimeout(again, 50));
    expect((await here.get(`/Seats?filter=${filter}`)).body.totalResults).toBe(1);
  });
});

const patchOf = (...operations: readonly object[]) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: operations,
});
