import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJwt } from 'jose';
import { AuthReplicas, ISSUER, textOf, until, type Replica } from './auth-replicas.js';
import { KeyPublisher } from './key-publisher.js';

jest.setTimeout(120_000); // argon2 and RSA keys take their time on a busy machine

let replicas: AuthReplicas;
let auth: Replica;
let second: Replica;

interface Client {
  readonly id: string;
  readonly secret: string;
}

beforeAll(async () => {
  replicas = await AuthReplicas.create();
  [auth, second] = await Promise.all([replicas.start(), replicas.start()]);
  for (const id of ['acme', 'globex']) await auth.admin('POST', '/tenants', { id, displayName: id });
}, 60_000);
afterAll(() => replicas.close());

const newClient = async (tenant = 'acme'): Promise<Client> => {
  const made = await auth.admin('POST', `/tenants/${tenant}/clients`, { name: 'idp' });
  return { id: textOf(made, 'clientId'), secret: textOf(made, 'clientSecret') };
};
const credentials = ({ id, secret }: Client) => ({ client_id: id, client_secret: secret });
const tokenOf = async (client: Client) =>
  textOf(await auth.token({ grant_type: 'client_credentials', ...credentials(client) }), 'access_token');
const form = (path: string, fields: Record<string, string>, on = auth) =>
  on.request('POST', path, {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  });
const introspect = (token: string, client: Client, on = auth) =>
  form('/oauth2/introspect', { token, ...credentials(client) }, on);
const revoke = (token: string, client: Client, on = auth) =>
  form('/oauth2/revoke', { token, ...credentials(client) }, on);
const inactive = { status: 200, body: { active: false } };

describe('POST /oauth2/introspect (RFC 7662)', () => {
  it('F8 says what a token of the same tenant is, on any replica, and is not cached', async () => {
    const [owner, other] = [await newClient(), await newClient()];
    const token = await tokenOf(owner);
    const { jti, exp, iat, nbf } = decodeJwt(token);
    for (const [client, on] of [
      [owner, auth],
      [other, second],
    ] as const) {
      const { status, headers, body } = await introspect(token, client, on);
      expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(body).toEqual({
        ...{ active: true, token_type: 'Bearer', scope: 'scim', client_id: owner.id, sub: owner.id },
        ...{ iss: ISSUER, aud: `${ISSUER}/t/acme/scim/v2`, tenant: 'acme', jti, exp, iat, nbf },
      });
    }
  });

  it('R125 says of a token of another tenant what it says of none', async () => {
    const token = await tokenOf(await newClient('globex'));
    expect(await introspect(token, await newClient('acme'))).toMatchObject(inactive);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['text', () => 'no-such-token'],
    ['a SCIM token', async () => textOf(await auth.admin('POST', '/tenants/acme/tokens', { name: 'okta' }), 'token')],
    ['a JWT of somebody else', forged],
    ['a JWT that was tampered with', async () => `${(await tokenOf(await newClient())).slice(0, -6)}AAAAAA`],
  ])('answers active: false and nothing else to %s', async (_, token) => {
    const answer = await introspect(await token(), await newClient());
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ active: false });
  });

  it('a token of a disabled client, or of an hour ago, is not active', async () => {
    const [owner, asking] = [await newClient(), await newClient()];
    const token = await tokenOf(owner);
    const later = await replicas.start({ now: () => new Date(Date.now() + 3_700_000) });
    expect(await introspect(token, asking, later)).toMatchObject(inactive);
    expect(await introspect(token, asking)).toMatchObject({ body: { active: true } });
    await auth.admin('PATCH', `/tenants/acme/clients/${owner.id}`, { enabled: false });
    expect(await introspect(token, asking)).toMatchObject(inactive);
  });

  it.each(['introspect', 'revoke'])('%s wants an authenticated client, and a token', async (endpoint) => {
    const client = await newClient();
    const token = await tokenOf(client);
    for (const fields of [{ token }, { token, ...credentials(client), client_secret: 'wrong' }])
      expect((await form(`/oauth2/${endpoint}`, fields)).status).toBeGreaterThanOrEqual(400);
    expect(await form(`/oauth2/${endpoint}`, credentials(client))).toMatchObject({ status: 400 });
    expect(await introspect(token, client)).toMatchObject({ body: { active: true } });
  });
});

describe('POST /oauth2/revoke (RFC 7009)', () => {
  it('F8 a revoked access token is refused within 5 s by every process, others of the client live on', async () => {
    const client = await newClient();
    const [token, another] = [await tokenOf(client), await tokenOf(client)];
    for (const replica of [auth, second]) expect((await replica.probe('acme', token)).status).toBe(200);
    expect(await revoke(token, client)).toMatchObject({ status: 200, body: undefined });
    expect(await introspect(token, client, second)).toMatchObject(inactive);
    for (const replica of [auth, second]) {
      expect((await until(401, () => replica.probe('acme', token))).status).toBe(401);
      expect((await replica.probe('acme', another)).status).toBe(200);
    }
    expect(await revoke(token, client)).toMatchObject({ status: 200 });
  });

  it.each(['no-such-token', 'rc_000000000000000_unknown'])('answers 200 to %s', async (token) =>
    expect(await revoke(token, await newClient())).toMatchObject({ status: 200, body: undefined }),
  );

  it('answers 200 to a JWT that is none of ours, and changes nothing', async () =>
    expect(await revoke(await forged(), await newClient())).toMatchObject({ status: 200, body: undefined }));

  it('does not revoke the token of another client', async () => {
    const owner = await newClient();
    const token = await tokenOf(owner);
    for (const stranger of [await newClient('acme'), await newClient('globex')])
      expect(await revoke(token, stranger)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await introspect(token, owner)).toMatchObject({ body: { active: true } });
  });
});

async function forged(): Promise<string> {
  const stranger = await KeyPublisher.start();
  const token = await stranger.sign({ iss: ISSUER, client_id: 'c1', tenant: 'acme', jti: randomUUID() });
  await stranger.close();
  return token;
}
