import { expect, it } from '@jest/globals';
import {
  badCredential,
  cannotCheck,
  foreignTenant,
  noCredential,
  scopeMissing,
  tooManyRequests,
} from './access-denied.js';

it('R11 without a credential the challenge names no error (RFC 6750 §3.1)', () => {
  expect(noCredential()).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Bearer realm="rollcall"' } });
});

it('R11 a bad credential is an invalid_token', () => {
  const { status, headers } = badCredential();
  expect(status).toBe(401);
  expect(headers['www-authenticate']).toMatch(
    /^Bearer realm="rollcall", error="invalid_token", error_description="[^"]+"$/,
  );
});

it('a missing scope is named', () => {
  const { status, headers } = scopeMissing();
  expect(status).toBe(403);
  expect(headers['www-authenticate']).toMatch(/error="insufficient_scope".*scope="scim"$/);
});

it('a foreign tenant gets no challenge', () => expect(foreignTenant()).toMatchObject({ status: 403, headers: {} }));

it('whoever must wait is told whole seconds', () => {
  expect(tooManyRequests(3)).toMatchObject({ status: 429, headers: { 'retry-after': '3' } });
  expect(cannotCheck(new Error('no route'))).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
});
