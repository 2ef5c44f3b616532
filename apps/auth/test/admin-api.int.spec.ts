import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PostgresEventLog } from '#event-store-postgres';
import { defaultSettings } from '#tenancy';
import { AuthReplicas, ISSUER, textOf, type Replica } from './auth-replicas.js';

let replicas: AuthReplicas;
let auth: Replica;

beforeAll(async () => {
  replicas = await AuthReplicas.create();
  auth = await replicas.start();
  await auth.admin('POST', '/tenants', { id: 'acme', displayName: 'Acme Inc.' });
}, 60_000);
afterAll(() => replicas.close());

const code = ({ body }: { body: unknown }) => (body as { error?: { code?: string } }).error?.code;

describe('POST /admin/v1/tenants', () => {
  it('answers 201 with the tenant', async () => {
    const made = await auth.admin('POST', '/tenants', { id: 'globex', displayName: ' Globex ' });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: 'globex',
      displayName: 'Globex',
      status: 'active',
      settings: defaultSettings,
      createdAt: expect.any(String),
      changedAt: expect.any(String),
    });
  });

  it('answers 409 if the id is taken', async () => {
    const again = await auth.admin('POST', '/tenants', { id: 'acme', displayName: 'Acme' });
    expect([again.status, code(again)]).toEqual([409, 'tenant-id-taken']);
  });

  it('50 concurrent creates of one id make one tenant', async () => {
    const attempts = Array.from({ length: 50 }, () => auth.admin('POST', '/tenants', { id: 'race', displayName: 'R' }));
    const statuses = (await Promise.all(attempts)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array<number>(49).fill(409)]);
  });

  it.each(['', 'Acme', 'a b', 'a/b', 'x'.repeat(64), 'ümlaut', 'a\u0000b', '../etc', 'system'])(
    'refuses the id %j with 400',
    async (id) => {
      const refused = await auth.admin('POST', '/tenants', { id, displayName: 'X' });
      expect([refused.status, code(refused)]).toEqual([400, 'tenant-id-invalid']);
    },
  );

  it('lists every fault of a body at once, unknown members included', async () => {
    const refused = await auth.admin('POST', '/tenants', { id: 7, displayname: 'X' });
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      error: {
        code: 'input-invalid',
        message: expect.any(String),
        details: expect.arrayContaining([
          { path: 'id', message: expect.any(String) },
          { path: 'displayName', message: expect.any(String) },
          { path: '', message: expect.stringContaining('displayname') },
        ]),
      },
    });
  });

  it.each([
    ['no body', undefined, 400],
    ['no JSON', '{', 400],
    ['an array', [], 400],
  ])('refuses %s', async (_, body, status) => {
    const headers = { authorization: 'Bearer operator-token-of-this-test', 'content-type': 'application/json' };
    const refused = await auth.request('POST', '/admin/v1/tenants', { headers, body });
    expect(refused.status).toBe(status);
    expect(code(refused)).toEqual(expect.any(String));
  });
});

describe('GET /admin/v1/tenants', () => {
  it('is paged by cursor: every tenant once, in order of its id', async () => {
    for (const id of ['page-1', 'page-2', 'page-3']) await auth.admin('POST', '/tenants', { id, displayName: id });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${cursor}`;
      const { body } = await auth.admin('GET', `/tenants?limit=2${query}`);
      const page = body as { items: { id: string }[]; nextCursor?: string };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(expect.arrayContaining(['acme', 'page-1', 'page-2', 'page-3']));
    expect(seen).toEqual([...new Set(seen)].sort());
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=%20', 'colour=red'])('refuses ?%s', async (query) => {
    expect((await auth.admin('GET', `/tenants?${query}`)).status).toBe(400);
  });
});

describe('GET and PATCH /admin/v1/tenants/{t}', () => {
  it('reads one', async () => {
    expect(await auth.admin('GET', '/tenants/acme')).toMatchObject({
      status: 200,
      body: { id: 'acme', status: 'active' },
    });
  });

  it.each(['nobody', 'No-Body', '%00', 'system'])('answers 404 for %s', async (id) => {
    const missing = await auth.admin('GET', `/tenants/${id}`);
    expect([missing.status, code(missing)]).toEqual([404, 'tenant-not-found']);
  });

  it('renames, suspends, resumes and takes settings; a read shows it at once', async () => {
    await auth.admin('POST', '/tenants', { id: 'changing', displayName: 'Before' });
    const settings = { rateLimit: { perSecond: 50, burst: 60 } };
    const changed = await auth.admin('PATCH', '/tenants/changing', { displayName: 'After', suspended: true, settings });
    const expected = { displayName: 'After', status: 'suspended', settings: { ...settings, displayNameUnique: false } };
    expect(changed).toMatchObject({ status: 200, body: expected });
    expect(await auth.admin('GET', '/tenants/changing')).toMatchObject({ body: expected });
    const back = { suspended: false, settings: { rateLimit: null } };
    expect(await auth.admin('PATCH', '/tenants/changing', back)).toMatchObject({
      body: { status: 'active', settings: { rateLimit: { perSecond: 100, burst: 400 } } },
    });
  });

  it('refuses settings that do not exist, and says which do', async () => {
    const refused = await auth.admin('PATCH', '/tenants/acme', { settings: { colour: 'red' } });
    expect([refused.status, code(refused)]).toEqual([400, 'setting-invalid']);
    expect(JSON.stringify(refused.body)).toContain('rateLimit');
  });
});

describe('/admin/v1/tenants/{t}/tokens', () => {
  it('POST answers 201 with id, token and expiry', async () => {
    const made = await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta', expiresInDays: 30 });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body).toEqual({
      id: expect.any(String),
      token: expect.stringMatching(/^rc_/),
      expiresAt: expect.any(String),
    });
    const days = (Date.parse(textOf(made, 'expiresAt')) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(30);
  });

  it('GET lists them without their secrets; DELETE revokes', async () => {
    const made = await auth.admin('POST', '/tenants/acme/tokens', { name: 'one-login' });
    const id = textOf(made, 'id');
    expect((await auth.admin('DELETE', `/tenants/acme/tokens/${id}`)).status).toBe(204);
    const { body } = await auth.admin('GET', '/tenants/acme/tokens');
    expect(body).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({
          id,
          name: 'one-login',
          scopes: ['scim'],
          revokedAt: expect.any(String),
          lastUsedAt: null,
        }),
      ]),
    });
    expect(JSON.stringify(body)).not.toMatch(/rc_|sha256/);
  });

  it.each([
    ['a name that is none', { name: '' }],
    ['no lifetime', { name: 'x', expiresInDays: 0 }],
    ['more than three years (R14)', { name: 'x', expiresInDays: 1096 }],
    ['a perpetual token (R14)', { name: 'x', expiresInDays: null }],
  ])('refuses %s', async (_, body) => {
    expect((await auth.admin('POST', '/tenants/acme/tokens', body)).status).toBe(400);
  });

  it('of an unknown tenant or id are 404', async () => {
    expect((await auth.admin('GET', '/tenants/nobody/tokens')).status).toBe(404);
    expect((await auth.admin('POST', '/tenants/nobody/tokens', { name: 'x' })).status).toBe(404);
    for (const id of ['unknown', '__proto__', '%00'])
      expect((await auth.admin('DELETE', `/tenants/acme/tokens/${id}`)).status).toBe(404);
  });

  it('of one tenant cannot be revoked through another', async () => {
    await auth.admin('POST', '/tenants', { id: 'neighbour', displayName: 'N' });
    const made = await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta' });
    expect((await auth.admin('DELETE', `/tenants/neighbour/tokens/${textOf(made, 'id')}`)).status).toBe(404);
    expect((await auth.probe('acme', textOf(made, 'token'))).status).toBe(200);
  });
});

describe('/admin/v1/tenants/{t}/clients', () => {
  const register = () =>
    auth.admin('POST', '/tenants/acme/clients', {
      name: 'entra',
      grantTypes: ['client_credentials'],
      redirectUris: [],
    });

  it('POST answers 201 with id and secret', async () => {
    const made = await register();
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    expect(made.body).toEqual({ clientId: expect.any(String), clientSecret: expect.stringMatching(/^rcs_/) });
  });

  it('GET lists and reads, PATCH renames and disables, secrets rotate, DELETE deletes', async () => {
    const path = `/tenants/acme/clients/${textOf(await register(), 'clientId')}`;
    const second = await auth.admin('POST', `${path}/secrets`, { expiresInDays: 10 });
    expect(second).toMatchObject({ status: 201, body: { clientSecret: expect.stringMatching(/^rcs_/) } });
    expect(await auth.admin('PATCH', path, { name: 'entra 2', enabled: false })).toMatchObject({
      status: 200,
      body: { name: 'entra 2', enabled: false, secrets: [{ id: expect.any(String) }, { id: textOf(second, 'id') }] },
    });
    expect((await auth.admin('DELETE', `${path}/secrets/${textOf(second, 'id')}`)).status).toBe(204);
    const read = await auth.admin('GET', path);
    expect((read.body as { secrets: unknown[] }).secrets).toHaveLength(1);
    expect(JSON.stringify((await auth.admin('GET', '/tenants/acme/clients')).body)).not.toMatch(/rcs_|sha256/);
    expect((await auth.admin('DELETE', path)).status).toBe(204);
    expect((await auth.admin('GET', path)).status).toBe(404);
  });

  it.each([
    ['an unsupported grant', { name: 'x', grantTypes: ['password'] }, 'grant-type-unsupported'],
    ['a redirect without TLS', { name: 'x', redirectUris: ['http://idp.example/cb'] }, 'redirect-uri-invalid'],
    ['an unknown member', { name: 'x', scopes: ['admin'] }, 'input-invalid'],
  ])('refuses %s', async (_, body, expected) => {
    const refused = await auth.admin('POST', '/tenants/acme/clients', body);
    expect([refused.status, code(refused)]).toEqual([400, expected]);
  });
});

it('GET /admin/v1/tenants/{t}/connection says what to type into an identity provider', async () => {
  expect((await auth.admin('GET', '/tenants/acme/connection')).body).toEqual({
    scimBaseUrl: `${ISSUER}/t/acme/scim/v2`,
    tokenEndpoint: `${ISSUER}/oauth2/token`,
    authorizationEndpoint: `${ISSUER}/oauth2/authorize`,
    jwksUri: `${ISSUER}/oauth2/jwks`,
    issuer: ISSUER,
  });
  expect((await auth.admin('GET', '/tenants/nobody/connection')).status).toBe(404);
});

describe('R124 /admin/v1/tenants/{t}/schemas', () => {
  const urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
  const path = `/tenants/acme/schemas/${urn}`;
  const document = { id: urn, name: 'Acme', attributes: [{ name: 'shift', type: 'string' }] };

  it('PUT answers 201 with the schema, then 200; a read can be sent back', async () => {
    const made = await auth.admin('PUT', path, document);
    expect(made).toMatchObject({
      status: 201,
      body: {
        id: urn,
        name: 'Acme',
        resourceType: 'User',
        required: false,
        attributes: [{ name: 'shift', type: 'string', multiValued: false, mutability: 'readWrite' }],
      },
    });
    const read = await auth.admin('GET', path.replace('acme:2.0', 'ACME:2.0').replaceAll(':', '%3A'));
    expect(read).toMatchObject({ status: 200, body: { id: urn } });
    expect(await auth.admin('PUT', path, read.body)).toMatchObject({ status: 200, body: read.body });
    expect((await auth.admin('GET', '/tenants/acme/schemas')).body).toEqual({ items: [read.body] });
  });

  it('one tenant does not see what another has', async () => {
    await auth.admin('PUT', path, document);
    await auth.admin('POST', '/tenants', { id: 'no-schemas', displayName: 'None' });
    expect((await auth.admin('GET', '/tenants/no-schemas/schemas')).body).toEqual({ items: [] });
    const foreign = await auth.admin('GET', `/tenants/no-schemas/schemas/${urn}`);
    expect([foreign.status, code(foreign)]).toEqual([404, 'schema-not-found']);
    expect((await auth.admin('GET', '/tenants/nobody/schemas')).status).toBe(404);
  });

  it('DELETE takes it away', async () => {
    await auth.admin('PUT', path, document);
    expect((await auth.admin('DELETE', path)).status).toBe(204);
    expect((await auth.admin('GET', path)).status).toBe(404);
    expect((await auth.admin('DELETE', path)).status).toBe(404);
    expect((await auth.admin('GET', '/tenants/acme/schemas')).body).toEqual({ items: [] });
  });

  it.each([
    [
      'a core schema',
      'urn:ietf:params:scim:schemas:core:2.0:User',
      { attributes: [{ name: 'x' }] },
      400,
      'schema-urn-invalid',
    ],
    ['no URN', 'badges', { attributes: [{ name: 'x' }] }, 400, 'schema-urn-invalid'],
    ['a NUL', 'urn:acme:%00', { attributes: [{ name: 'x' }] }, 400, 'schema-urn-invalid'],
    ['an unknown type', 'urn:acme:x', { attributes: [{ name: 'x', type: 'number' }] }, 400, 'schema-invalid'],
    ['no object', 'urn:acme:x', [], 400, 'input-invalid'],
    ['a name within another', `${urn}:shift`, { attributes: [{ name: 'x' }] }, 409, 'schema-urn-taken'],
    ['another meaning', urn, { attributes: [{ name: 'shift', type: 'integer' }] }, 409, 'schema-incompatible'],
  ])('refuses %s', async (_, name, body, status, expected) => {
    await auth.admin('PUT', path, document);
    const refused = await auth.admin('PUT', `/tenants/acme/schemas/${name}`, body);
    expect([refused.status, code(refused)]).toEqual([status, expected]);
  });
});

describe('every call wants an operator', () => {
  const calls = [
    ['POST', '/tenants'],
    ['GET', '/tenants'],
    ['GET', '/tenants/acme'],
    ['PATCH', '/tenants/acme'],
    ['POST', '/tenants/acme/tokens'],
    ['GET', '/tenants/acme/tokens'],
    ['DELETE', '/tenants/acme/tokens/x'],
    ['POST', '/tenants/acme/clients'],
    ['GET', '/tenants/acme/clients'],
    ['GET', '/tenants/acme/clients/x'],
    ['PATCH', '/tenants/acme/clients/x'],
    ['DELETE', '/tenants/acme/clients/x'],
    ['POST', '/tenants/acme/clients/x/secrets'],
    ['DELETE', '/tenants/acme/clients/x/secrets/y'],
    ['GET', '/tenants/acme/schemas'],
    ['GET', '/tenants/acme/schemas/urn:x:y'],
    ['PUT', '/tenants/acme/schemas/urn:x:y'],
    ['DELETE', '/tenants/acme/schemas/urn:x:y'],
    ['GET', '/tenants/acme/connection'],
  ] as const;

  it.each(calls)('%s /admin/v1%s is 401 without and with a wrong token', async (method, path) => {
    const without = await auth.request(method, `/admin/v1${path}`);
    expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="rollcall"']);
    const wrong = await auth.request(method, `/admin/v1${path}`, { headers: { authorization: 'Bearer wrong' } });
    expect([wrong.status, code(wrong)]).toEqual([401, 'unauthorized']);
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('a SCIM token is no operator', async () => {
    const { body } = await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta' });
    const authorization = `Bearer ${(body as { token: string }).token}`;
    expect((await auth.request('GET', '/admin/v1/tenants', { headers: { authorization } })).status).toBe(401);
  });
});

it('an unknown path of the admin API is a 404 in its own format', async () => {
  expect(await auth.admin('GET', '/nonsense')).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } });
});

it('every act is an event of the operator, with the request id', async () => {
  const headers = { authorization: 'Bearer operator-token-of-this-test', 'x-request-id': 'act-1' };
  await auth.request('POST', '/admin/v1/tenants', { headers, body: { id: 'audited', displayName: 'A' } });
  const [created] = await new PostgresEventLog(replicas.pool()).readStream('audited', 'control-audited');
  expect(created).toMatchObject({
    type: 'TenantCreated',
    metadata: { actor: { kind: 'operator', id: 'first' }, requestId: 'act-1', correlationId: 'act-1', txn: 'act-1' },
  });
});
