import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GROUP, send, TenantClient, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const BADGES = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
const TEAMS = 'urn:acme:teams:Group';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const KNOWN_WITHIN_MS = 5_000;

const badges = {
  name: 'Acme user',
  attributes: [
    { name: 'shift', type: 'string', canonicalValues: ['early', 'late'] },
    { name: 'hired', type: 'dateTime' },
    { name: 'level', type: 'integer' },
    { name: 'serial', type: 'string', caseExact: true, mutability: 'immutable' },
    { name: 'note', type: 'string', returned: 'request' },
    { name: 'locker', type: 'complex', subAttributes: [{ name: 'room' }, { name: 'number', type: 'integer' }] },
    {
      name: 'keys',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'value' }, { name: 'type' }, { name: 'primary', type: 'boolean' }],
    },
  ],
};

let system: RunningSystem;
let acme: TenantClient;
let globex: TenantClient;

const put = (tenant: TenantClient, urn: string, document: object): Promise<Answer> =>
  send(`${system.url}/admin/v1/tenants/${tenant.id}/schemas/${urn}`, {
    method: 'PUT',
    token: system.adminToken,
    body: document,
    headers: { 'content-type': 'application/json' },
  });

/** Asks until the answer has that status: what the control plane acknowledged is known to resource servers within seconds. */
const until = async (status: number, ask: () => Promise<Answer>): Promise<Answer> => {
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  for (;;) {
    const answer = await ask();
    if (answer.status === status || Date.now() > deadline) return answer;
    await new Promise((again) => setTimeout(again, 50));
  }
};

const schemaIds = async (tenant: TenantClient) => (await tenant.get('/Schemas')).body.Resources.map(({ id }) => id);

beforeAll(async () => {
  system = await startSystem('one process');
  acme = await TenantClient.create(system);
  globex = await TenantClient.create(system);
  expect((await put(acme, BADGES, badges)).status).toBe(201);
  expect((await put(acme, TEAMS, { attributes: [{ name: 'costCentre', type: 'string' }] })).status).toBe(201);
  await until(200, () => acme.get(`/Schemas/${TEAMS}`));
}, 90_000);
afterAll(() => system.stop());

describe('R124 a schema of a tenant’s own', () => {
  it('stands in the discovery of that tenant, for callers with its credentials alone', async () => {
    expect(await schemaIds(acme)).toEqual(expect.arrayContaining([BADGES, TEAMS, USER, ENTERPRISE]));
    const schema = await acme.get(`/Schemas/${BADGES.toLowerCase()}`);
    expect(schema).toMatchObject({ status: 200, body: { id: BADGES, name: 'Acme user' } });
    const user = (await acme.get('/ResourceTypes/User')).body;
    expect(user).toMatchObject({
      schemaExtensions: [
        { schema: ENTERPRISE, required: false },
        { schema: BADGES, required: false },
      ],
    });
    expect((await acme.get('/ResourceTypes/Group')).body).toMatchObject({
      schemaExtensions: [{ schema: TEAMS, required: false }],
    });
    expect(await schemaIds(globex)).not.toContain(BADGES);
    expect((await globex.get(`/Schemas/${BADGES}`)).status).toBe(404);
    expect((await send(`${acme.scimUrl}/Schemas/${BADGES}`)).status).toBe(404);
  });

  it('credentials at discovery must be good ones (C-N4)', async () => {
    expect((await send(`${acme.scimUrl}/ServiceProviderConfig`, { token: 'wrong' })).status).toBe(401);
    expect((await send(`${acme.scimUrl}/Schemas`, { token: globex.token })).status).toBe(403);
  });

  it('F13 F16 its attributes are written by POST, PUT and PATCH, and listed in schemas while there is data (R98)', async () => {
    const created = await acme.send('POST', '/Users', {
      schemas: [USER, BADGES],
      userName: 'written@acme.example',
      [BADGES]: { Shift: 'early', level: 3, locker: { room: 'B12' }, unknown: 'dropped' },
    });
    expect(created).toMatchObject({
      status: 201,
      body: { schemas: [USER, BADGES], [BADGES]: { shift: 'early', level: 3, locker: { room: 'B12' } } },
    });
    const path = `/Users/${created.body.id}`;
    const patched = await acme.patch(path, [
      { op: 'replace', path: `${BADGES}:locker.number`, value: 7 },
      { op: 'add', path: `${BADGES}:keys`, value: [{ value: 'front', type: 'door', primary: true }] },
      { op: 'replace', path: `${BADGES}:keys[type eq "door"].value`, value: 'back' },
      { op: 'add', value: { [`${BADGES}:shift`]: 'late' } },
    ]);
    expect(patched).toMatchObject({
      status: 200,
      body: {
        [BADGES]: {
          shift: 'late',
          level: 3,
          locker: { room: 'B12', number: 7 },
          keys: [{ value: 'back', type: 'door', primary: true }],
        },
      },
    });
    expect((await acme.get(path)).body).toEqual(patched.body);
    const replaced = await acme.send('PUT', path, { schemas: [USER], userName: 'written@acme.example' });
    expect(replaced.body).not.toHaveProperty(BADGES);
    expect(replaced.body).toMatchObject({ schemas: [USER] });
  });

  it.each([
    ['R28 a value of another type', { level: 'three' }],
    ['R28 a date without time', { hired: '2026-01-01' }],
  ])('%s is refused', async (_, extension) => {
    const body = { schemas: [USER, BADGES], userName: 'refused@acme.example', [BADGES]: extension };
    expect(await acme.send('POST', '/Users', body)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
  });

  it('R81 R88 what is immutable stays', async () => {
    const id = await acme.user('immutable@acme.example', { [BADGES]: { serial: 'A-1' } });
    const patch = await acme.patch(`/Users/${id}`, [{ op: 'replace', path: `${BADGES}:serial`, value: 'A-2' }]);
    expect(patch).toMatchObject({ status: 400, body: { scimType: 'mutability' } });
  });

  it('F17 R62 can be filtered by, sorted by and projected', async () => {
    const users = [
      ['filtered-1@acme.example', { shift: 'Early', level: 1, serial: 'aB', hired: '2026-01-01T00:00:00Z' }],
      ['filtered-2@acme.example', { shift: 'late', level: 10, serial: 'AB', hired: '2026-01-01T01:30:00+02:00' }],
      ['filtered-3@acme.example', { shift: 'late', level: 9, note: 'x', keys: [{ value: 'a', type: 'door' }] }],
    ] as const;
    for (const [userName, extension] of users) await acme.user(userName, { [BADGES]: extension });
    const found = async (filter: string, more = '') => {
      const filtered = `userName sw "filtered" and (${filter})`;
      const { status, body } = await acme.get(`/Users?filter=${encodeURIComponent(filtered)}${more}`);
      expect(status).toBe(200);
      return body.Resources.map((user) => String(user['userName']).slice(9, 10)).join('');
    };
    expect(await found(`${BADGES}:shift eq "early"`)).toBe('1');
    expect(await found(`${BADGES}:level gt 8`)).toBe('23');
    expect(await found(`${BADGES}:serial eq "AB"`)).toBe('2');
    expect(await found(`${BADGES}:hired lt "2026-01-01T00:00:00Z"`)).toBe('2');
    expect(await found(`${BADGES}:keys[type eq "door" and value eq "a"]`)).toBe('3');
    expect(await found(`schemas eq "${BADGES}"`)).toBe('123');
    const sorted = `&sortBy=${BADGES}:level&sortOrder=descending`;
    expect(await found(`${BADGES}:level pr`, sorted)).toBe('231');
    const projected = await acme.get(
      `/Users?filter=${encodeURIComponent('userName eq "filtered-3@acme.example"')}&attributes=${BADGES}:note`,
    );
    expect(projected.body.Resources[0]).toMatchObject({ [BADGES]: { note: 'x' } });
    expect(projected.body.Resources[0]).not.toHaveProperty('userName');
  });

  it('extends groups, too', async () => {
    const created = await acme.send('POST', '/Groups', {
      schemas: [GROUP, TEAMS],
      displayName: 'Extended',
      [TEAMS]: { costCentre: '4711' },
    });
    expect(created).toMatchObject({ status: 201, body: { [TEAMS]: { costCentre: '4711' } } });
    const filter = encodeURIComponent(`${TEAMS}:costCentre eq "4711"`);
    expect((await acme.get(`/Groups?filter=${filter}`)).body).toMatchObject({
      totalResults: 1,
      Resources: [{ id: created.body.id, [TEAMS]: { costCentre: '4711' } }],
    });
  });

  it('R125 is unknown to another tenant: its data is dropped, its paths are refused', async () => {
    const id = await globex.user('globex@globex.example', { [BADGES]: { shift: 'early' } });
    expect((await globex.get(`/Users/${id}`)).body).not.toHaveProperty(BADGES);
    const filter = encodeURIComponent(`${BADGES}:shift eq "early"`);
    expect((await globex.get(`/Users?filter=${filter}`)).body).not.toMatchObject({ totalResults: 1 });
  });
});

describe('every type of attribute that a schema can have', () => {
  const URN = 'urn:acme:types:User';
  const attributes = [
    { name: 'constructor', type: 'string' }, // legal, and a name that every object has
    { name: 'tags', type: 'string', multiValued: true },
    { name: 'levels', type: 'integer', multiValued: true },
    { name: 'share', type: 'decimal' },
    { name: 'remote', type: 'boolean' },
    { name: 'home', type: 'reference', referenceTypes: ['external'] },
    { name: 'photo', type: 'binary' },
    { name: 'since', type: 'dateTime', multiValued: true },
    { name: 'locker', type: 'complex', subAttributes: [{ name: 'codes', multiValued: true }] },
    {
      name: 'keys',
      type: 'complex',
      multiValued: true,
      subAttributes: [{ name: 'door' }, { name: 'floors', type: 'integer', multiValued: true }],
    },
  ];
  const full = {
    constructor: 'built',
    tags: ['Red', 'blue'],
    levels: [1, 20],
    share: 0.5,
    remote: true,
    home: 'https://acme.example/Babs',
    photo: 'aGVsbG8=',
    since: ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00+02:00'],
    locker: { codes: ['a1', 'b2'] },
    keys: [{ door: 'front', floors: [1, 2] }, { door: 'back' }],
  };
  let tenant: TenantClient;
  let id: string;

  beforeAll(async () => {
    tenant = await TenantClient.create(system);
    expect((await put(tenant, URN, { attributes })).status).toBe(201);
    await until(200, () => tenant.get(`/Schemas/${URN}`));
    await tenant.user('empty@acme.example'); // first, so that the order of ids is not the one asked for
    id = await tenant.user('full@acme.example', { [URN]: full });
  });

  it('comes back as it was sent', async () => expect((await tenant.get(`/Users/${id}`)).body[URN]).toEqual(full));

  it.each([
    'constructor eq "BUILT"',
    'tags eq "red"',
    'tags co "lu"',
    'not (URN:tags eq "green")',
    'levels gt 19',
    'levels eq 1',
    'share lt 0.6',
    'remote eq true',
    'home sw "https://acme.example/B"',
    'photo eq "aGVsbG8="',
    'since gt "2026-05-31T21:59:59Z"',
    'locker.codes eq "B2"',
    'keys.door eq "back"',
    'keys[door eq "front" and floors eq 2]',
    'keys.floors eq 1',
    'locker pr',
  ])('F17 is found by %s', async (text) => {
    const filter = text.includes('URN:') ? text.replace('URN', URN) : `${URN}:${text}`;
    const { status, body } = await tenant.get(
      `/Users?filter=${encodeURIComponent(`userName sw "full" and ${filter}`)}`,
    );
    expect([status, body.Resources?.map((user) => user.id)]).toEqual([200, [id]]);
  });

  it.each([
    'tags eq "yellow"',
    'levels gt 20',
    'share ge 0.6',
    'home eq "https://acme.example/babs"',
    'keys[door eq "back" and floors eq 2]',
    'locker.codes eq "c3"',
  ])('is not found by %s', async (text) => {
    const { status, body } = await tenant.get(`/Users?filter=${encodeURIComponent(`${URN}:${text}`)}`);
    expect([status, body.totalResults]).toEqual([200, 0]);
  });

  it.each(['constructor', 'tags', 'levels', 'share', 'remote', 'home', 'since', 'locker.codes', 'keys.door'])(
    'R68 sorts by %s: who has none is last',
    async (name) => {
      const { status, body } = await tenant.get(`/Users?sortBy=${encodeURIComponent(`${URN}:${name}`)}`);
      expect([status, body.Resources?.[0]?.id]).toEqual([200, id]);
    },
  );

  it.each([
    { remote: 'perhaps' },
    { levels: [1.5] },
    { share: '0.5' },
    { photo: 'ä' },
    { tags: [{}] },
    { locker: [1, 2] },
  ])('R28 %j is refused', async (extension) => {
    const body = { schemas: [USER, URN], userName: 'refused@acme.example', [URN]: extension };
    expect(await tenant.send('POST', '/Users', body)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
  });

  it('R90 R95 values of several are added and taken away', async () => {
    const other = await tenant.user('several@acme.example', { [URN]: { tags: ['a'] } });
    const patched = await tenant.patch(`/Users/${other}`, [
      { op: 'add', path: `${URN}:tags`, value: ['b', 'a'] },
      { op: 'remove', path: `${URN}:tags`, value: ['a'] },
      { op: 'add', path: `${URN}:keys`, value: { door: 'side', floors: [3] } },
      { op: 'add', path: `${URN}:keys[door eq "side"].floors`, value: [3, 4] },
    ]);
    expect(patched).toMatchObject({
      status: 200,
      body: { [URN]: { tags: ['b'], keys: [{ door: 'side', floors: [3, 4] }] } },
    });
  });
});

describe('a schema changes while the system runs', () => {
  const URN = 'urn:acme:changing:User';
  const document = (more: object = {}) => ({ attributes: [{ name: 'desk' }], ...more });

  it('R43 required: true refuses a resource without it', async () => {
    const tenant = await TenantClient.create(system);
    await put(tenant, URN, { attributes: [{ name: 'desk', required: true }], required: true });
    const without = () => tenant.send('POST', '/Users', { schemas: [USER], userName: 'x@acme.example' });
    expect(await until(400, without)).toMatchObject({ status: 400, body: { scimType: 'invalidValue' } });
    await tenant.user('y@acme.example', { [URN]: { desk: '1' } });
  });

  it('taken away it hides its values, put back it shows them', async () => {
    const tenant = await TenantClient.create(system);
    await put(tenant, URN, document());
    await until(200, () => tenant.get(`/Schemas/${URN}`));
    const id = await tenant.user('hidden@acme.example', { [URN]: { desk: '12' } });
    await send(`${system.url}/admin/v1/tenants/${tenant.id}/schemas/${URN}`, {
      method: 'DELETE',
      token: system.adminToken,
    });
    expect((await until(404, () => tenant.get(`/Schemas/${URN}`))).status).toBe(404);
    const hidden = await tenant.get(`/Users/${id}`);
    expect(hidden.body).not.toHaveProperty(URN);
    expect(hidden.body).toMatchObject({ schemas: [USER] });
    await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'displayName', value: 'Changed meanwhile' }]);
    await put(tenant, URN, document());
    await until(200, () => tenant.get(`/Schemas/${URN}`));
    expect((await tenant.get(`/Users/${id}`)).body).toMatchObject({ [URN]: { desk: '12' } });
  });
});
