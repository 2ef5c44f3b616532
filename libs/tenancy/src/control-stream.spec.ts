import { expect, it } from '@jest/globals';
import { controlStreamName, streamName } from '#event-sourcing';
import { specify } from '#testing';
import { controlDecider, controlStream, type ControlCommand, type ControlEvent } from './control-stream.js';

const control = specify(controlDecider);
const at = '2026-11-21T12:00:00.000Z';
const expiresAt = '2027-11-21T12:00:00.000Z';
const created: ControlEvent = { type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme' } };
const suspended: ControlEvent = { type: 'TenantSuspended', data: {} };
const offboarded: ControlEvent = { type: 'TenantOffboarded', data: {} };
const erased: ControlEvent = { type: 'TenantErased', data: {} };
const token = (tokenId: string, until = expiresAt) =>
  ({ tokenId, name: 'okta', hash: 'sha256-x', expiresAt: until, scopes: ['scim'] }) as const;
const issued = (tokenId: string, until = expiresAt): ControlEvent => ({
  type: 'ScimTokenIssued',
  data: token(tokenId, until),
});
const issue = (tokenId: string): ControlCommand => ({ type: 'IssueScimToken', data: { ...token(tokenId), at } });
const revoke = (tokenId: string): ControlCommand => ({ type: 'RevokeScimToken', data: { tokenId } });
const secret = { secretId: 's1', hash: 'sha256-x', expiresAt };
const registration = { clientId: 'c1', name: 'entra', grantTypes: ['client_credentials'], redirectUris: [] } as const;
const register: ControlCommand = { type: 'RegisterOAuthClient', data: { ...registration, secret, at } };
const registered: ControlEvent = { type: 'OAuthClientRegistered', data: registration };
const disable: ControlCommand = { type: 'ChangeOAuthClient', data: { clientId: 'c1', enabled: false } };
const disabled: ControlEvent = { type: 'OAuthClientDisabled', data: { clientId: 'c1' } };
const suspend: ControlCommand = { type: 'ChangeTenant', data: { suspended: true } };

it('tenant, clients and tokens of one tenant share its control stream', () =>
  expect(streamName(controlStream.kind, 'acme', '')).toBe(controlStreamName('acme')));

it('each command reaches its own decider', () => {
  control.given(created).when(suspend).then(suspended);
  control.given(created, registered).when(disable).then(disabled);
  control
    .given(created, issued('t1'))
    .when(revoke('t1'))
    .then({ type: 'ScimTokenRevoked', data: { tokenId: 't1' } });
});

it('several tokens are alive at once, each of its own state', () => {
  control.given(created, issued('t1')).when(issue('t2')).then(issued('t2'));
  control.given(created, issued('t1')).when(revoke('t2')).thenRefused('token-not-found');
});

it('no token is found under a name that every object has', () =>
  control.given(created).when(revoke('__proto__')).thenRefused('token-not-found'));

it('a tenant has at most 100 live tokens; expired ones do not count', () => {
  const past = Array.from({ length: 100 }, (_, i) => issued(`t${i}`));
  control
    .given(created, ...past)
    .when(issue('new'))
    .thenRefused('too-many-tokens');
  control
    .given(created, issued('t0', at), ...past.slice(1))
    .when(issue('new'))
    .then(issued('new'));
});

it('a tenant has at most 100 administrators, each of its own state', () => {
  const until = '2027-11-21T12:00:00.000Z';
  const invite = (administratorId: string): ControlCommand => ({
    type: 'InviteAdministrator',
    data: { administratorId, expiresAt: until, at },
  });
  const invited = (administratorId: string): ControlEvent => ({
    type: 'AdministratorInvited',
    data: { administratorId, expiresAt: until },
  });
  const past = Array.from({ length: 100 }, (_, i) => invited(`a${i}`));
  control.given(created).when(invite('a1')).then(invited('a1'));
  control
    .given(created, ...past)
    .when(invite('new'))
    .thenRefused('too-many-administrators');
  control
    .given(created, ...past)
    .when(invite('a5'))
    .then(invited('a5'));
  control.given(created, offboarded).when(invite('a1')).thenRefused('tenant-not-found');
});

it('a suspended tenant can still be put in order', () =>
  control
    .given(created, suspended, issued('t1'))
    .when(revoke('t1'))
    .then({ type: 'ScimTokenRevoked', data: { tokenId: 't1' } }));

it.each([
  ['a tenant that never was', []],
  ['an off-boarded tenant', [created, registered, issued('t1'), offboarded]],
  ['an erased tenant', [created, registered, issued('t1'), offboarded, erased]],
])('nothing is given to %s', (_, past: readonly ControlEvent[]) => {
  for (const command of [issue('t2'), revoke('t1'), register, disable, suspend])
    control
      .given(...past)
      .when(command)
      .thenRefused('tenant-not-found');
});

it('erasing the tenant closes the stream', () => {
  const state = (...events: ControlEvent[]) => events.reduce(controlDecider.evolve, controlDecider.initialState());
  expect(controlStream.isClosed(state(created, suspended))).toBe(false);
  expect(controlStream.isClosed(state(created, offboarded))).toBe(false);
  expect(controlStream.isClosed(state(created, offboarded, erased))).toBe(true);
});

it('folds past an event from a newer release', () =>
  control
    .given(created, { type: 'TenantMoved', data: {} } as unknown as ControlEvent)
    .when(suspend)
    .then(suspended));

const attributes = [{ name: 'shift' }];
const registerSchema = (urn: string): ControlCommand => ({
  type: 'RegisterExtensionSchema',
  data: { urn, document: { attributes } },
});
const schemaRegistered = (urn: string): ControlEvent => ({
  type: 'ExtensionSchemaRegistered',
  data: { urn, resourceType: 'User', required: false, schema: { id: urn, name: urn, description: '', attributes: [] } },
});

it('several schemas stand side by side, found without case', () => {
  control
    .given(created, schemaRegistered('urn:acme:a'))
    .when(registerSchema('urn:acme:a:b'))
    .thenRefused('schema-urn-taken');
  control
    .given(created, schemaRegistered('urn:acme:a'), schemaRegistered('urn:acme:b'))
    .when({ type: 'RemoveExtensionSchema', data: { urn: 'URN:ACME:B' } })
    .then({ type: 'ExtensionSchemaRemoved', data: { urn: 'urn:acme:b' } });
});

it('a tenant has at most 50 schemas, and none once it is gone', () => {
  const past = Array.from({ length: 50 }, (_, i) => schemaRegistered(`urn:acme:s${i}`));
  control
    .given(created, ...past)
    .when(registerSchema('urn:acme:more'))
    .thenRefused('too-many-schemas');
  control.given(created, offboarded).when(registerSchema('urn:acme:a')).thenRefused('tenant-not-found');
});
