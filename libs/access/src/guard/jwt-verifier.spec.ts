import { KeyObject } from 'node:crypto';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { errors, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { JwtVerifier, scimBaseUrl } from './jwt-verifier.js';

const issuer = 'https://id.example';
type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
let pair: KeyPair;
let other: KeyPair;

beforeAll(async () => {
  [pair, other] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
});

const verifier = () =>
  new JwtVerifier(issuer, async ({ kid }) => {
    if (kid !== 'k1') throw new errors.JWKSNoMatchingKey();
    return KeyObject.from(pair.publicKey);
  });

const now = () => Math.floor(Date.now() / 1000);
type Over = Readonly<Record<string, unknown>>;
const claims = (over: Over = {}): JWTPayload => ({
  iss: issuer,
  aud: scimBaseUrl(issuer, 'acme'),
  sub: 'c1',
  client_id: 'c1',
  tenant: 'acme',
  scope: 'scim',
  iat: now(),
  nbf: now(),
  exp: now() + 3600,
  ...over,
});

interface Signing {
  readonly header?: Record<string, unknown>;
  readonly key?: KeyPair['privateKey'] | Uint8Array;
}

const sign = (payload: JWTPayload, { header = {}, key = pair.privateKey }: Signing = {}) =>
  new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: 'k1', typ: 'at+jwt', ...header }).sign(key);

it('takes an access token of the issuer (RFC 9068 §4)', async () => {
  const verified = await verifier().verify(await sign(claims()));
  expect(verified).toMatchObject({ client_id: 'c1', tenant: 'acme', scopes: ['scim'] });
});

it.each(['application/at+jwt', 'AT+JWT'])('takes the type %s', async (typ) => {
  await expect(verifier().verify(await sign(claims(), { header: { typ } }))).resolves.toMatchObject({ tenant: 'acme' });
});

describe('refuses with 401 a token', () => {
  it.each<[string, Over]>([
    ['of another issuer', { iss: 'https://evil.example' }],
    ['for another audience', { aud: 'https://id.example/t/other/scim/v2' }],
    ['whose tenant is not that of its audience', { tenant: 'other' }],
    ['for several audiences', { aud: [scimBaseUrl(issuer, 'acme'), 'x'] }],
    ['without tenant', { tenant: undefined }],
    ['without client', { client_id: undefined }],
    ['without expiry', { exp: undefined }],
    ['expired for more than the skew', { exp: now() - 61 }],
    ['not valid yet', { nbf: now() + 61 }],
  ])('%s', async (_, over) => {
    await expect(verifier().verify(await sign(claims(over)))).rejects.toMatchObject({ status: 401 });
  });

  it.each<[string, () => Promise<string>]>([
    ['signed by another key', () => sign(claims(), { key: other.privateKey })],
    ['of an unknown kid', () => sign(claims(), { header: { kid: 'k2' } })],
    ['that is a plain JWT', () => sign(claims(), { header: { typ: 'JWT' } })],
    ['signed by HMAC with a public text', () => sign(claims(), { header: { alg: 'HS256' }, key: new Uint8Array(32) })],
    ['that is not signed', async () => new UnsecuredJWT(claims()).encode()],
    ['that is no JWT', async () => 'abc'],
    ['whose header is no JSON', async () => 'YWJj.YWJj.YWJj'],
  ])('%s', async (_, token) => {
    await expect(verifier().verify(await token())).rejects.toMatchObject({ status: 401 });
  });
});

it('within the skew of half a minute a token that has just expired is taken', async () => {
  await expect(verifier().verify(await sign(claims({ exp: now() - 5 })))).resolves.toMatchObject({ tenant: 'acme' });
});

it('keys out of reach are a fault of ours, not of the token', async () => {
  const unreachable = new JwtVerifier(issuer, async () => {
    throw new errors.JWKSTimeout();
  });
  await expect(unreachable.verify(await sign(claims()))).rejects.toMatchObject({ status: 503 });
});
