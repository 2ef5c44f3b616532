import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { fastify } from 'fastify';
import { ControlQueries, FailedCredentials } from '#access';
import { LocalMasterKey } from '#encryption';
import { TenantDatabase } from '#postgres';
import { createLogger } from '#runtime';
import { assembleOAuth } from '../src/oauth/assemble-oauth.js';
import { ClientRegistry } from '../src/oauth/client-registry.js';
import { OAuthEndpoints } from '../src/oauth/endpoints.js';
import { mountOAuth } from '../src/oauth/mount-oauth.js';
import { AuthReplicas, ISSUER, textOf, until, type Replica } from './auth-replicas.js';

let replicas: AuthReplicas;
let auth: Replica;
let second: Replica;

beforeAll(async () => {
  replicas = await AuthReplicas.create();
  [auth, second] = await Promise.all([replicas.start(), replicas.start()]);
  for (const id of ['acme', 'globex']) await auth.admin('POST', '/tenants', { id, displayName: id });
}, 60_000);
afterAll(() => replicas.close());

const newClient = async (tenant = 'acme', more: object = {}) => {
  const made = await auth.admin('POST', `/tenants/${tenant}/clients`, { name: 'entra', ...more });
  return { id: textOf(made, 'clientId'), secret: textOf(made, 'clientSecret') };
};
const grant = { grant_type: 'client_credentials' };
const inBody = (client: { id: string; secret: string }) => ({
  ...grant,
  client_id: client.id,
  client_secret: client.secret,
});
const basic = (client: { id: string; secret: string }) => ({
  authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}`,
});
const accessToken = async (client: { id: string; secret: string }) =>
  textOf(await auth.token(inBody(client)), 'access_token');

describe('POST /oauth2/token', () => {
  it('F3 F4 gives a token for a secret in the body', async () => {
    const { status, headers, body } = await auth.token(inBody(await newClient()));
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'scim',
    });
  });

  it('F3 and for the same client by Basic, with and without scope', async () => {
    const client = await newClient();
    for (const scope of [{}, { scope: '' }, { scope: 'scim' }, { scope: 'scim offline_access' }])
      expect(await auth.token({ ...grant, ...scope }, basic(client))).toMatchObject({
        status: 200,
        body: { scope: 'scim' },
      });
  });

  it('F5 the token is an RFC 9068 JWT that verifies against the JWKS', async () => {
    const client = await newClient();
    const token = await accessToken(client);
    const keys = createRemoteJWKSet(new URL(`${auth.url}/oauth2/jwks`));
    const audience = `${ISSUER}/t/acme/scim/v2`;
    const { payload } = await jwtVerify(token, keys, {
      issuer: ISSUER,
      audience,
      typ: 'at+jwt',
      algorithms: ['RS256'],
    });
    expect(payload).toMatchObject({ sub: client.id, client_id: client.id, tenant: 'acme', scope: 'scim' });
    const { iat = 0, nbf, exp = 0, jti } = payload;
    expect([nbf, exp - iat]).toEqual([iat, 3600]);
    expect(jti).toEqual(expect.any(String));
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt', kid: expect.any(String) });
  });

  it.each<[string, (client: { id: string; secret: string }) => [Record<string, string>, Record<string, string>?]]>([
    ['a wrong secret in the body', ({ id }) => [{ ...grant, client_id: id, client_secret: 'wrong' }]],
    ['a wrong secret by Basic', ({ id }) => [grant, basic({ id, secret: 'wrong' })]],
    ['an unknown client', ({ secret }) => [{ ...grant, client_id: 'unknown', client_secret: secret }]],
    ['a client id with U+0000', ({ secret }) => [{ ...grant, client_id: 'a\u0000b', client_secret: secret }]],
    ['no secret', ({ id }) => [{ ...grant, client_id: id }]],
  ])('answers 401 invalid_client to %s (RFC 6749 §5.2)', async (_, request) => {
    const refused = await auth.token(...request(await newClient()));
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(refused.headers.get('cache-control')).toBe('no-store');
  });

  it('challenges by Basic who came by Basic', async () => {
    const refused = await auth.token(grant, basic({ id: 'unknown', secret: 'wrong' }));
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it.each([
    ['unsupported_grant_type', { grant_type: 'password' }],
    ['invalid_request', { grant_type: 'authorization_code' }],
    ['invalid_scope', { ...grant, scope: 'admin' }],
    ['invalid_target', { ...grant, resource: `${ISSUER}/t/globex/scim/v2` }],
    ['invalid_request', {}],
  ])('answers %s to %j', async (error, form) => {
    const refused = await auth.token(form, basic(await newClient()));
    expect(refused).toMatchObject({ status: 400, body: { error } });
  });

  it('does not take JSON, and lives on', async () => {
    const refused = await auth.request('POST', '/oauth2/token', { body: { ...grant } });
    expect(refused.status).toBe(400);
    expect(await auth.token(inBody(await newClient()))).toMatchObject({ status: 200 });
  });

  it('C-E16 two secrets of a client are alive at once; a revoked one is not', async () => {
    const client = await newClient();
    const path = `/tenants/acme/clients/${client.id}/secrets`;
    const next = await auth.admin('POST', path, {});
    const rotated = { id: client.id, secret: textOf(next, 'clientSecret') };
    for (const one of [client, rotated]) expect((await auth.token(inBody(one))).status).toBe(200);
    expect((await auth.admin('DELETE', `${path}/${textOf(next, 'id')}`)).status).toBe(204);
    expect((await auth.token(inBody(rotated))).status).toBe(401);
    expect((await auth.token(inBody(client))).status).toBe(200);
  });

  it('C-E16 gives no token for an expired secret', async () => {
    const client = await newClient('acme', { secretExpiresInDays: 1 });
    expect((await auth.token(inBody(client))).status).toBe(200);
    const later = await replicas.start({ now: () => new Date(Date.now() + 25 * 3_600_000) });
    expect(await later.token(inBody(client))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('gives no token to a disabled or deleted client, nor to one of a suspended tenant', async () => {
    const client = await newClient('globex');
    const path = `/tenants/globex/clients/${client.id}`;
    await auth.admin('PATCH', path, { enabled: false });
    expect((await auth.token(inBody(client))).status).toBe(401);
    await auth.admin('PATCH', path, { enabled: true });
    await auth.admin('PATCH', '/tenants/globex', { suspended: true });
    expect((await auth.token(inBody(client))).status).toBe(401);
    await auth.admin('PATCH', '/tenants/globex', { suspended: false });
    expect((await second.token(inBody(client))).status).toBe(200);
    await auth.admin('DELETE', path);
    expect((await auth.token(inBody(client))).status).toBe(401);
  });
});

it('a database out of reach is 503 with Retry-After, never invalid_client', async () => {
  const clients = new ClientRegistry({
    query: async () => {
      throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    },
  });
  const database = await replicas.dataSource();
  const { server } = assembleOAuth({
    endpoints: new OAuthEndpoints(ISSUER),
    database,
    tenantDatabase: new TenantDatabase(replicas.pool()),
    queries: new ControlQueries(database),
    run: async () => undefined,
    keyManagement: new LocalMasterKey(replicas.masterKey),
    failures: new FailedCredentials(),
    allowInternalKeyUrls: false,
    logger: createLogger('silent', 'auth'),
    now: () => new Date(),
    clients,
  });
  await server.refresh();
  const app = fastify();
  mountOAuth(app, server);
  const answer = await app.inject({
    method: 'POST',
    url: '/oauth2/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic({ id: 'c1', secret: 'x' }) },
    payload: 'grant_type=client_credentials',
  });
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  expect(answer.json()).toMatchObject({ error: 'temporarily_unavailable' });
});

const authenticationAt = (endpoint: string): object => ({
  [`${endpoint}_endpoint_auth_methods_supported`]: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ['RS256', 'PS256', 'ES256', 'EdDSA'],
});

describe('metadata and keys', () => {
  it('F5 RFC 8414 metadata says what works, and nothing else', async () => {
    const { status, body } = await auth.request('GET', '/.well-known/oauth-authorization-server');
    expect([status, body]).toEqual([
      200,
      {
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/oauth2/authorize`,
        token_endpoint: `${ISSUER}/oauth2/token`,
        jwks_uri: `${ISSUER}/oauth2/jwks`,
        scopes_supported: ['scim'],
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        code_challenge_methods_supported: ['S256'],
        authorization_response_iss_parameter_supported: true,
        grant_types_supported: ['client_credentials', 'authorization_code', 'refresh_token'],
        ...Object.assign({}, ...['token', 'introspection', 'revocation'].map(authenticationAt)),
        introspection_endpoint: `${ISSUER}/oauth2/introspect`,
        revocation_endpoint: `${ISSUER}/oauth2/revoke`,
      },
    ]);
  });

  it('replicas share one key, and publish its public half only', async () => {
    const [one, other] = await Promise.all([auth, second].map((replica) => replica.request('GET', '/oauth2/jwks')));
    expect(one?.body).toEqual(other?.body);
    const { keys } = one?.body as { keys: Record<string, unknown>[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig' });
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(keys[0]).not.toHaveProperty(secret);
  });

  it.each(['/oauth2/device/auth', '/oauth2/nonsense', '/oauth2/session/end/confirm'])(
    '%s is not there',
    async (path) => {
      for (const method of ['GET', 'POST']) expect((await auth.request(method, path)).status).toBe(404);
    },
  );
});

describe('resource servers', () => {
  it('R11 want a credential, and say so', async () => {
    const { status, headers } = await auth.probe('acme');
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="rollcall"']);
    const wrong = await auth.probe('acme', 'Bearer nonsense');
    expect(wrong.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('take a JWT of any replica, on any replica', async () => {
    const client = await newClient();
    const token = await accessToken(client);
    for (const replica of [auth, second])
      expect(await replica.probe('acme', `Bearer ${token}`)).toMatchObject({
        status: 200,
        body: { tenant: 'acme', actor: { kind: 'client', id: client.id } },
      });
  });

  it('C-O1 a new SCIM token works at once, on every replica, with or without the word Bearer', async () => {
    for (let i = 0; i < 20; i += 1) {
      const token = textOf(await auth.admin('POST', '/tenants/acme/tokens', { name: `okta ${i}` }), 'token');
      expect((await second.probe('acme', token)).status).toBe(200);
      expect((await auth.probe('acme', `Bearer ${token}`)).status).toBe(200);
    }
  });

  it('R125 refuse a token of tenant A on the URL of tenant B, whether B exists or not', async () => {
    const jwt = await accessToken(await newClient('acme'));
    const opaque = textOf(await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta' }), 'token');
    for (const token of [jwt, opaque]) {
      const foreign = await auth.probe('globex', token);
      const unknown = await auth.probe('no-such-tenant', token);
      expect(foreign.status).toBe(403);
      expect([unknown.status, unknown.body]).toEqual([foreign.status, foreign.body]);
    }
  });

  it('refuse a revoked SCIM token within 5 s, on every replica', async () => {
    const made = await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta' });
    const token = textOf(made, 'token');
    for (const replica of [auth, second]) expect((await replica.probe('acme', token)).status).toBe(200);
    await auth.admin('DELETE', `/tenants/acme/tokens/${textOf(made, 'id')}`);
    for (const replica of [auth, second])
      expect((await until(401, () => replica.probe('acme', token))).status).toBe(401);
  });

  it('refuse the JWT of a disabled client within 5 s, and take it again when it is enabled', async () => {
    const client = await newClient();
    const token = `Bearer ${await accessToken(client)}`;
    expect((await second.probe('acme', token)).status).toBe(200);
    await auth.admin('PATCH', `/tenants/acme/clients/${client.id}`, { enabled: false });
    expect((await until(401, () => second.probe('acme', token))).status).toBe(401);
    await auth.admin('PATCH', `/tenants/acme/clients/${client.id}`, { enabled: true });
    expect((await until(200, () => second.probe('acme', token))).status).toBe(200);
  });

  it('refuse a suspended tenant within 5 s', async () => {
    await auth.admin('POST', '/tenants', { id: 'late-payer', displayName: 'L' });
    const token = textOf(await auth.admin('POST', '/tenants/late-payer/tokens', { name: 'okta' }), 'token');
    expect((await second.probe('late-payer', token)).status).toBe(200);
    await auth.admin('PATCH', '/tenants/late-payer', { suspended: true });
    expect((await until(403, () => second.probe('late-payer', token))).status).toBe(403);
  });

  it('hold a credential to the rate of its tenant: 429 with whole seconds', async () => {
    await auth.admin('POST', '/tenants', { id: 'slow', displayName: 'S' });
    await auth.admin('PATCH', '/tenants/slow', { settings: { rateLimit: { perSecond: 1, burst: 3 } } });
    const token = textOf(await auth.admin('POST', '/tenants/slow/tokens', { name: 'okta' }), 'token');
    const refused = await until(429, () => auth.probe('slow', token));
    expect(refused.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  });
});
