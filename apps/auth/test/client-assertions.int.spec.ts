import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import { AuthReplicas, ISSUER, textOf, type Answer, type Replica } from './auth-replicas.js';
import { KeyPublisher } from './key-publisher.js';

const BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

jest.setTimeout(120_000); // argon2 and RSA keys take their time on a busy machine

let replicas: AuthReplicas;
let auth: Replica;
let second: Replica;
let idp: KeyPublisher;

beforeAll(async () => {
  replicas = await AuthReplicas.create();
  [auth, second, idp] = await Promise.all([replicas.start(), replicas.start(), KeyPublisher.start()]);
  for (const id of ['acme', 'globex']) await auth.admin('POST', '/tenants', { id, displayName: id });
}, 60_000);
afterAll(async () => {
  await idp.close();
  await replicas.close();
});

const register = (more: object, tenant = 'acme') =>
  auth.admin('POST', `/tenants/${tenant}/clients`, { name: 'idp', ...more });
const shown = (clientId: string) => auth.admin('GET', `/tenants/acme/clients/${clientId}`);
/** Why a client was last turned away: it is noted after the answer, so asked for until it is there. */
const reasonFor = async (clientId: string): Promise<unknown> => {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const { lastRefusal } = (await shown(clientId)).body as { lastRefusal: unknown };
    if (lastRefusal !== null || performance.now() > deadline) return lastRefusal;
    await pause(50);
  }
};
/** The form of C-E17. */
const present = (assertion: string, clientId?: string, on = auth) =>
  on.token({
    grant_type: 'client_credentials',
    ...(clientId === undefined ? {} : { client_id: clientId }),
    client_assertion_type: BEARER,
    client_assertion: assertion,
    scope: 'scim',
  });
const granted = { status: 200, body: { token_type: 'Bearer', expires_in: 3600, scope: 'scim' } };
const turnedAway = { status: 401, body: { error: 'invalid_client' } };

describe('X18 private_key_jwt (RFC 7523 §2.2)', () => {
  const signed = (clientId: string, over: object = {}, options: { expiresIn?: string } = {}) =>
    idp.sign({ iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID(), ...over }, options);
  const newClient = async () => textOf(await register({ jwks: await idp.jwks() }), 'clientId');

  it('registers public keys: there is no secret, and the client is shown with them', async () => {
    const made = await register({ tokenEndpointAuthMethod: 'private_key_jwt', jwks: await idp.jwks() });
    expect(made).toMatchObject({ status: 201, body: { clientId: expect.any(String) } });
    expect(made.body).not.toHaveProperty('clientSecret');
    expect((await shown(textOf(made, 'clientId'))).body).toMatchObject({
      tokenEndpointAuthMethod: 'private_key_jwt',
      jwks: { keys: [{ kty: 'RSA', kid: 'k1' }] },
      secrets: [],
    });
  });

  it('gives a token of scope scim to the assertion alone, with and without client_id', async () => {
    const clientId = await newClient();
    for (const named of [clientId, undefined]) {
      const answer = await present(await signed(clientId), named);
      expect(answer).toMatchObject(granted);
      expect(decodeJwt(textOf(answer, 'access_token'))).toMatchObject({ tenant: 'acme', client_id: clientId });
    }
  });

  it('takes the token endpoint for the audience, too', async () => {
    const clientId = await newClient();
    expect(await present(await signed(clientId, { aud: `${ISSUER}/oauth2/token` }))).toMatchObject(granted);
  });

  it('takes an assertion once, whichever replica it comes to', async () => {
    const clientId = await newClient();
    const assertion = await signed(clientId);
    const answers = await Promise.all([auth, second, auth, second].map((on) => present(assertion, clientId, on)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect(await present(assertion, clientId, second)).toMatchObject(turnedAway);
  });

  it.each<[string, object, { expiresIn?: string }]>([
    ['another audience', { aud: 'https://elsewhere.example' }, {}],
    ['no jti', { jti: undefined }, {}],
    ['no audience', { aud: undefined }, {}],
    ['a time that has passed', {}, { expiresIn: '-5 minutes' }],
    ['a time that is far away', {}, { expiresIn: '2 hours' }],
  ])('refuses %s', async (_, over, options) => {
    const clientId = await newClient();
    expect(await present(await signed(clientId, over, options), clientId)).toMatchObject(turnedAway);
  });

  it('refuses the signature of another key, and a secret', async () => {
    const clientId = await newClient();
    const stranger = await KeyPublisher.start();
    const forged = await stranger.sign({ iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID() });
    await stranger.close();
    expect(await present(forged, clientId)).toMatchObject(turnedAway);
    const bySecret = { grant_type: 'client_credentials', client_id: clientId, client_secret: 'guess' };
    expect(await auth.token(bySecret)).toMatchObject(turnedAway);
  });

  it('refuses the assertion of one client for another', async () => {
    const [mine, other] = [await newClient(), textOf(await register({ jwks: await idp.jwks() }, 'globex'), 'clientId')];
    expect(await present(await signed(mine), other)).toMatchObject(turnedAway);
  });

  it('fetches keys from jwksUri and tells the administrator why one was refused', async () => {
    const clientId = textOf(await register({ jwksUri: idp.jwksUri }), 'clientId');
    expect(await present(await signed(clientId), clientId)).toMatchObject(granted);
    await present(await signed(clientId, { aud: 'https://elsewhere.example' }), clientId);
    expect(await reasonFor(clientId)).toEqual({ at: expect.any(String), reason: expect.stringContaining('audience') });
    expect((await shown(clientId)).body).toMatchObject({ jwksUri: idp.jwksUri });
  });

  it('replaces the keys: the old ones are worth nothing from then on', async () => {
    const clientId = await newClient();
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const jwks = { keys: [await exportJWK(publicKey)] };
    expect(await auth.admin('PATCH', `/tenants/acme/clients/${clientId}`, { jwks })).toMatchObject({
      status: 200,
      body: { jwks: { keys: [{ kty: 'EC', crv: 'P-256' }] } },
    });
    expect(await present(await signed(clientId), clientId)).toMatchObject(turnedAway);
  });

  it.each<[string, object]>([
    ['a private key', { jwks: { keys: [{ kty: 'RSA', n: 'n'.repeat(342), e: 'AQAB', d: 'c2VjcmV0' }] } }],
    ['keys and their URL', { jwks: { keys: [] }, jwksUri: 'https://idp.example/keys' }],
    ['keys for a client with a secret', { tokenEndpointAuthMethod: 'client_secret_basic', jwks: { keys: [] } }],
    ['private_key_jwt without keys', { tokenEndpointAuthMethod: 'private_key_jwt' }],
    ['a URL without TLS', { jwksUri: 'http://idp.example/keys' }],
  ])('does not register %s', async (_, more) =>
    expect(await register(more)).toMatchObject({ status: 400, body: { error: { code: 'authentication-invalid' } } }),
  );

  it('does not add a secret to such a client', async () =>
    expect(await auth.admin('POST', `/tenants/acme/clients/${await newClient()}/secrets`, {})).toMatchObject({
      status: 409,
      body: { error: { code: 'secret-not-used' } },
    }));
});

describe("C-E17 Entra's workload identity federation", () => {
  const claims = { sub: 'the-provisioning-service', aud: 'api://rollcall' };
  const federation = () => ({
    issuer: idp.url,
    jwksUri: idp.jwksUri,
    subject: claims.sub,
    audience: `${claims.aud}/.default`,
  });
  const newClient = async () => textOf(await register({ federation: federation() }), 'clientId');

  it('gives a token for an assertion of the issuer, again and again until it expires', async () => {
    const clientId = await newClient();
    const assertion = await idp.sign({ iss: idp.url, ...claims });
    for (const on of [auth, second, auth]) {
      const answer = await present(assertion, clientId, on);
      expect(answer).toMatchObject(granted);
      expect(decodeJwt(textOf(answer, 'access_token'))).toMatchObject({ tenant: 'acme', client_id: clientId });
    }
    expect((await shown(clientId)).body).toMatchObject({
      tokenEndpointAuthMethod: 'federated_jwt',
      federation: { ...federation(), audience: claims.aud },
      lastRefusal: null,
    });
  });

  it('finds the JWKS URL by the issuer when none is given', async () => {
    const { jwksUri, ...rest } = federation();
    const made = await register({ federation: rest });
    expect((await shown(textOf(made, 'clientId'))).body).toMatchObject({ federation: { jwksUri } });
    const elsewhere = await register({ federation: { ...rest, issuer: `${idp.url}/other` } });
    expect(elsewhere).toMatchObject({ status: 400, body: { error: { code: 'authentication-invalid' } } });
  });

  it.each<[string, object, string, { expiresIn?: string }]>([
    ['issuer', { iss: 'https://login.example/another-tenant' }, 'iss: expected', {}],
    ['subject', { sub: 'somebody-else' }, 'the assertion says "somebody-else"', {}],
    ['audience', { aud: 'api://another' }, 'aud: expected "api://rollcall"', {}],
    ['not-before', { nbf: Math.floor(Date.now() / 1000) + 3600 }, 'nbf:', {}],
    ['expiry', {}, 'exp:', { expiresIn: '-5 minutes' }],
  ])(
    'refuses another %s: invalid_client for the caller, the reason for the administrator',
    async (_, over, reason, options) => {
      const clientId = await newClient();
      const refused = await present(await idp.sign({ iss: idp.url, ...claims, ...over }, options), clientId);
      expect(refused).toMatchObject(turnedAway);
      expect(JSON.stringify(refused.body)).not.toContain('expected');
      expect(await reasonFor(clientId)).toMatchObject({ reason: expect.stringContaining(reason) });
    },
  );

  it.each<[string, (stranger: KeyPublisher) => Promise<string>, string]>([
    ['a forged signature', (stranger) => stranger.sign({ iss: idp.url, ...claims }), 'signature'],
    ['an unknown kid', (stranger) => stranger.sign({ iss: idp.url, ...claims }, { kid: 'other' }), 'kid'],
    ['text that is no JWT', async () => 'not.a.jwt', ''],
  ])('refuses %s', async (_, assertionOf, reason) => {
    const clientId = await newClient();
    const stranger = await KeyPublisher.start();
    expect(await present(await assertionOf(stranger), clientId)).toMatchObject(turnedAway);
    await stranger.close();
    expect(await reasonFor(clientId)).toMatchObject({ reason: expect.stringContaining(reason) });
  });

  it('refuses the assertion for a client of another configuration, or without client_id', async () => {
    const assertion = await idp.sign({ iss: idp.url, ...claims });
    const other = textOf(await register({ federation: { ...federation(), subject: 'another' } }, 'globex'), 'clientId');
    expect(await present(assertion, other)).toMatchObject(turnedAway);
    const secretly = textOf(await register({}), 'clientId');
    expect(await present(assertion, secretly)).toMatchObject(turnedAway);
    expect((await present(assertion)).status).toBeGreaterThanOrEqual(400);
  });

  it('finds a new key at once, and lives through an outage of the issuer', async () => {
    const issuer = await KeyPublisher.start();
    const registered = await register({ federation: { ...federation(), issuer: issuer.url, jwksUri: issuer.jwksUri } });
    const clientId = textOf(registered, 'clientId');
    const answerTo = async (): Promise<Answer> => present(await issuer.sign({ iss: issuer.url, ...claims }), clientId);
    expect(await answerTo()).toMatchObject(granted);
    const asked = issuer.asked;
    expect(await answerTo()).toMatchObject(granted);
    expect(issuer.asked).toBe(asked);
    issuer.fail(true);
    expect(await answerTo()).toMatchObject(granted);
    issuer.fail(false);
    await issuer.close();
  });

  it('an issuer whose keys were never read is 503 with Retry-After, for that says nothing about the client', async () => {
    const issuer = await KeyPublisher.start();
    const registered = await register({ federation: { ...federation(), issuer: issuer.url, jwksUri: issuer.jwksUri } });
    issuer.fail(true);
    const answer = await present(await issuer.sign({ iss: issuer.url, ...claims }), textOf(registered, 'clientId'));
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    await issuer.close();
  });
});
