import { expect, it } from '@jest/globals';
import { specify } from '#testing';
import { scimTokenDecider, type ScimTokenCommand, type ScimTokenEvent } from './scim-token.js';

const token = specify(scimTokenDecider);
const at = '2026-11-21T12:00:00.000Z';
const data = {
  tokenId: 't1',
  name: 'okta',
  hash: 'sha256-x',
  expiresAt: '2027-11-21T12:00:00.000Z',
  scopes: ['scim'],
} as const;
const issued: ScimTokenEvent = { type: 'ScimTokenIssued', data };
const revoked: ScimTokenEvent = { type: 'ScimTokenRevoked', data: { tokenId: 't1' } };
const issue = (over: object = {}): ScimTokenCommand => ({ type: 'IssueScimToken', data: { ...data, at, ...over } });
const revoke: ScimTokenCommand = { type: 'RevokeScimToken', data: { tokenId: 't1' } };

it('F22 is issued with name, hash, expiry and scope', () => token.given().when(issue()).then(issued));

it('R14 has a limited lifetime', () => {
  token
    .given()
    .when(issue({ expiresAt: at }))
    .thenRefused('expiry-invalid');
  token
    .given()
    .when(issue({ expiresAt: 'never' }))
    .thenRefused('expiry-invalid');
});

it('refuses scopes that are none', () => {
  token
    .given()
    .when(issue({ scopes: [] }))
    .thenRefused('scope-unknown');
  token
    .given()
    .when(issue({ scopes: ['admin'] }))
    .thenRefused('scope-unknown');
});

it('refuses a name that is none', () =>
  token
    .given()
    .when(issue({ name: '' }))
    .thenRefused('name-invalid'));

it('an id is issued once', () => {
  token.given(issued).when(issue()).thenRefused('token-id-taken');
  token.given(issued, revoked).when(issue()).thenRefused('token-id-taken');
});

it('is revoked; twice records nothing more', () => {
  token.given(issued).when(revoke).then(revoked);
  token.given(issued, revoked).when(revoke).thenNothing();
});

it('an unknown one cannot be revoked', () => token.given().when(revoke).thenRefused('token-not-found'));

it('folds past an event from a newer release', () => {
  const moved = { type: 'ScimTokenMoved', data: { tokenId: 't1' } } as unknown as ScimTokenEvent;
  expect(scimTokenDecider.evolve({ status: 'revoked' }, moved)).toEqual({ status: 'revoked' });
});
