import { describe, it } from '@jest/globals';
import { specify } from '#testing';
import type { ClientAuthentication } from './client-authentication.js';
import { oauthClientDecider, type GrantType, type OAuthClientCommand, type OAuthClientEvent } from './oauth-client.js';

const client = specify(oauthClientDecider);
const at = '2026-11-21T12:00:00.000Z';
const later = '2027-11-21T12:00:00.000Z';
const clientId = 'c1';
const secret = (secretId: string, expiresAt = later) => ({ secretId, hash: `sha256-${secretId}`, expiresAt });

const registered: OAuthClientEvent = {
  type: 'OAuthClientRegistered',
  data: { clientId, name: 'entra', grantTypes: ['client_credentials'], redirectUris: [] },
};
const added = (id: string, expiresAt = later): OAuthClientEvent => ({
  type: 'OAuthClientSecretAdded',
  data: { clientId, ...secret(id, expiresAt) },
});
const disabled: OAuthClientEvent = { type: 'OAuthClientDisabled', data: { clientId } };
const enabled: OAuthClientEvent = { type: 'OAuthClientEnabled', data: { clientId } };
const renamed: OAuthClientEvent = { type: 'OAuthClientRenamed', data: { clientId, name: 'okta' } };
const revoked: OAuthClientEvent = { type: 'OAuthClientSecretRevoked', data: { clientId, secretId: 's1' } };
const deleted: OAuthClientEvent = { type: 'OAuthClientDeleted', data: { clientId } };

const register = (over: object = {}): OAuthClientCommand => ({
  type: 'RegisterOAuthClient',
  data: {
    clientId,
    name: 'entra',
    grantTypes: ['client_credentials'],
    redirectUris: [],
    authentication: { method: 'client_secret_basic' },
    secret: secret('s1'),
    at,
    ...over,
  },
});
const change = (data: {
  name?: string;
  enabled?: boolean;
  authentication?: ClientAuthentication;
}): OAuthClientCommand => ({
  type: 'ChangeOAuthClient',
  data: { clientId, ...data },
});
const add = (id: string, expiresAt = later): OAuthClientCommand => ({
  type: 'AddOAuthClientSecret',
  data: { clientId, secret: secret(id, expiresAt), at },
});
const revoke: OAuthClientCommand = { type: 'RevokeOAuthClientSecret', data: { clientId, secretId: 's1' } };
const remove: OAuthClientCommand = { type: 'DeleteOAuthClient', data: { clientId } };

describe('registering (F2)', () => {
  it('records the client and its first secret', () => client.given().when(register()).then(registered, added('s1')));

  it('refuses an id that is taken', () => client.given(registered).when(register()).thenRefused('client-id-taken'));

  it.each<[string, readonly string[]]>([
    ['no grant type', []],
    ['an unsupported one', ['password']],
  ])('refuses %s', (_, grantTypes) =>
    client
      .given()
      .when(register({ grantTypes: grantTypes as GrantType[] }))
      .thenRefused('grant-type-unsupported'),
  );

  it.each(['https://idp.example/cb?x=1', 'http://127.0.0.1:3000/cb', 'http://localhost/cb'])(
    'takes the URI %s',
    (uri) =>
      client
        .given()
        .when(register({ redirectUris: [uri] }))
        .then(
          { type: 'OAuthClientRegistered', data: { ...registered.data, redirectUris: [uri] } } as never,
          added('s1'),
        ),
  );

  it.each(['http://idp.example/cb', 'https://idp.example/cb#f', 'https://a@b.example/', '/cb', 'javascript:alert(1)'])(
    'refuses the URI %s',
    (uri) =>
      client
        .given()
        .when(register({ redirectUris: [uri] }))
        .thenRefused('redirect-uri-invalid'),
  );

  it('refuses more than 20 redirect URIs', () =>
    client
      .given()
      .when(register({ redirectUris: Array.from({ length: 21 }, (_, i) => `https://idp.example/${i}`) }))
      .thenRefused('redirect-uri-invalid'));

  it('refuses a secret that is expired already', () =>
    client
      .given()
      .when(register({ secret: secret('s1', at) }))
      .thenRefused('expiry-invalid'));
});

describe('secrets (C-E16: several alive)', () => {
  it('a second one is added beside the first', () =>
    client.given(registered, added('s1')).when(add('s2')).then(added('s2')));

  it('at most five are alive; expired and revoked ones do not count', () => {
    const five = ['s1', 's2', 's3', 's4', 's5'].map((id) => added(id));
    client
      .given(registered, ...five)
      .when(add('s6'))
      .thenRefused('too-many-secrets');
    client
      .given(registered, ...five, revoked)
      .when(add('s6'))
      .then(added('s6'));
    client
      .given(registered, added('s0', at), ...five.slice(1))
      .when(add('s6'))
      .then(added('s6'));
  });

  it('one is revoked', () => client.given(registered, added('s1')).when(revoke).then(revoked));

  it('an unknown or revoked one cannot be revoked', () =>
    client.given(registered, added('s1'), revoked).when(revoke).thenRefused('secret-not-found'));
});

const rsa = { kty: 'RSA', kid: 'one', n: 'n'.repeat(342), e: 'AQAB' };
const ec = { kty: 'EC', kid: 'two', crv: 'P-256', x: 'eA', y: 'eQ' };
const byKeys = (...keys: Record<string, string>[]): ClientAuthentication => ({
  method: 'private_key_jwt',
  jwks: { keys },
});
const byUri = (jwksUri: string): ClientAuthentication => ({ method: 'private_key_jwt', jwksUri });
const federated = {
  method: 'federated_jwt',
  issuer: 'https://login.example/tenant/v2.0',
  jwksUri: 'https://login.example/keys',
  subject: 'the-provisioning-service',
  audience: 'api://rollcall',
} as const;
const set = (authentication: ClientAuthentication): OAuthClientEvent => ({
  type: 'OAuthClientAuthenticationSet',
  data: { clientId, authentication },
});

describe('authenticating by assertions', () => {
  it.each<[string, ClientAuthentication]>([
    ['X18 keys', byKeys(rsa, ec)],
    ['X18 an Ed25519 key', byKeys({ kty: 'OKP', crv: 'Ed25519', x: 'eA' })],
    ['X18 the URL of its keys', byUri('https://idp.example/jwks.json')],
    ['a URL on this machine, for development', byUri('http://127.0.0.1:3000/jwks.json')],
    ['C-E17 another issuer', federated],
  ])('%s: no secret is recorded', (_, authentication) =>
    client.given().when(register({ authentication })).then(registered, set(authentication)),
  );

  it('keeps of a key what verifying needs', () =>
    client
      .given()
      .when(register({ authentication: byKeys({ ...rsa, x5t: 'thumb', note: 'ours' }) }))
      .then(registered, set(byKeys(rsa))));

  it('C-E17 takes the audience as Entra shows it, with /.default', () =>
    client
      .given()
      .when(register({ authentication: { ...federated, audience: 'api://rollcall/.default' } }))
      .then(registered, set(federated)));

  it.each<[string, ClientAuthentication]>([
    ['no keys', byKeys()],
    ['eleven keys', byKeys(...Array.from({ length: 11 }, (_, n) => ({ ...rsa, kid: `k${n}` })))],
    ['a private key', byKeys({ ...rsa, d: 'c2VjcmV0' })],
    ['a symmetric key', byKeys({ kty: 'oct', k: 'c2VjcmV0' })],
    ['an RSA key of 1024 bits', byKeys({ ...rsa, n: 'n'.repeat(171) })],
    ['another curve', byKeys({ ...ec, crv: 'secp256k1' })],
    ['a key without its y', byKeys({ kty: 'EC', crv: 'P-256', x: 'eA' })],
    ['two keys of one kid', byKeys(rsa, { ...ec, kid: 'one' })],
    ['two keys and one kid', byKeys(rsa, { kty: 'OKP', crv: 'Ed25519', x: 'eA' })],
    ['a URL without TLS', byUri('http://idp.example/jwks.json')],
    ['a URL with a password', byUri('https://user:pass@idp.example/jwks.json')],
    ['a URL of another scheme', byUri('file:///etc/passwd')],
    ['a URL without end', byUri(`https://idp.example/${'x'.repeat(500)}`)],
    ['no subject', { ...federated, subject: '' }],
    ['an audience that ends in a blank', { ...federated, audience: 'api://rollcall ' }],
    ['an issuer that is no URL', { ...federated, issuer: 'entra' }],
  ])('refuses %s', (_, authentication) =>
    client.given().when(register({ authentication })).thenRefused('authentication-invalid'),
  );

  it('keys are replaced; the same again records nothing', () => {
    const past = [registered, set(byKeys(rsa))];
    client
      .given(...past)
      .when(change({ authentication: byKeys(ec) }))
      .then(set(byKeys(ec)));
    client
      .given(...past)
      .when(change({ authentication: byKeys(rsa) }))
      .thenNothing();
  });

  it.each([
    ['from secrets to keys', [registered, added('s1')], byKeys(rsa)],
    ['from keys to secrets', [registered, set(byKeys(rsa))], { method: 'client_secret_basic' } as const],
  ])('refuses to change the method %s', (_, past, authentication) =>
    client
      .given(...past)
      .when(change({ authentication }))
      .thenRefused('authentication-invalid'),
  );

  it('refuses a secret for such a client', () =>
    client.given(registered, set(federated)).when(add('s1')).thenRefused('secret-not-used'));
});

describe('F8 on behalf of an administrator', () => {
  const grantTypes = ['authorization_code', 'refresh_token'] as const;
  const redirectUris = ['https://idp.example/cb'];
  const codeClient = { ...registered, data: { ...registered.data, grantTypes, redirectUris } } as OAuthClientEvent;
  const authorize: OAuthClientCommand = { type: 'AuthorizeOAuthClient', data: { clientId, administratorId: 'a1' } };
  const authorized: OAuthClientEvent = { type: 'OAuthClientAuthorized', data: { clientId, administratorId: 'a1' } };
  const takeBack: OAuthClientCommand = { type: 'RevokeOAuthClientAuthorization', data: { clientId } };
  const takenBack: OAuthClientEvent = { type: 'OAuthClientAuthorizationRevoked', data: { clientId } };

  it('is registered with where codes go', () =>
    client.given().when(register({ grantTypes, redirectUris })).then(codeClient, added('s1')));

  it.each<[string, object, string]>([
    ['without a redirect URI', { grantTypes }, 'redirect-uri-invalid'],
    ['with refresh tokens alone', { grantTypes: ['refresh_token'] }, 'grant-type-unsupported'],
  ])('is not registered %s', (_, over, code) => client.given().when(register(over)).thenRefused(code));

  it('F9 is authorized, and authorized again; taken back once', () => {
    client.given(codeClient).when(authorize).then(authorized);
    client.given(codeClient, authorized).when(authorize).then(authorized);
    client.given(codeClient, authorized).when(takeBack).then(takenBack);
    client.given(codeClient, authorized, takenBack).when(takeBack).thenNothing();
  });

  it('a machine client is not', () => client.given(registered).when(authorize).thenRefused('grant-type-unsupported'));
});

describe('changing', () => {
  it('renamed and disabled at once yields two facts', () =>
    client
      .given(registered)
      .when(change({ name: 'okta', enabled: false }))
      .then(renamed, disabled));

  it('is enabled again', () =>
    client
      .given(registered, disabled)
      .when(change({ enabled: true }))
      .then(enabled));

  it.each([
    ['registered', [registered], { name: 'entra', enabled: true }],
    ['renamed', [registered, renamed], { name: 'okta' }],
    ['enabled', [registered, disabled, enabled], { enabled: true }],
    ['disabled', [registered, disabled], { enabled: false }],
  ])('%s, then changed to what it is, records nothing', (_, past, data) =>
    client
      .given(...past)
      .when(change(data))
      .thenNothing(),
  );
});

it('is deleted for good', () => {
  client.given(registered).when(remove).then(deleted);
  for (const command of [remove, change({ enabled: true }), add('s2'), revoke])
    client.given(registered, deleted).when(command).thenRefused('client-not-found');
  client.given(registered, deleted).when(register()).thenRefused('client-id-taken');
});

it('folds past an event from a newer release', () =>
  client
    .given(registered, { type: 'OAuthClientMoved', data: { clientId } } as unknown as OAuthClientEvent)
    .when(remove)
    .then(deleted));
