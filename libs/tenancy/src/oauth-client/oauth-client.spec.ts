import { describe, it } from '@jest/globals';
import { specify } from '#testing';
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
    secret: secret('s1'),
    at,
    ...over,
  },
});
const change = (data: { name?: string; enabled?: boolean }): OAuthClientCommand => ({
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
