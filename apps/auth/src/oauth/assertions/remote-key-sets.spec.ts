import { beforeEach, expect, it } from '@jest/globals';
import { errors, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose';
import { KeysOutOfReach, RemoteKeySets } from './remote-key-sets.js';

const URI = 'https://login.example/keys';
const HOUR = 3_600_000;

let now: number;
let asked: number;
let published: readonly object[];
let outage: boolean;
let sets: RemoteKeySets;

beforeEach(() => {
  [now, asked, published, outage] = [0, 0, [], false];
  sets = new RemoteKeySets(
    async () => {
      asked += 1;
      return outage ? new Response(null, { status: 503 }) : Response.json({ keys: published });
    },
    () => now,
  );
});

const newKey = async (kid: string) => {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const token = await new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  return { jwk: { ...(await exportJWK(publicKey)), kid }, token };
};
const verify = (token: string) => jwtVerify(token, sets.at(URI));

it('C-E17 reads keys once, and again when they are ten minutes old', async () => {
  const { jwk, token } = await newKey('one');
  published = [jwk];
  for (let i = 0; i < 3; i++) await verify(token);
  expect(asked).toBe(1);
  now += 601_000;
  await verify(token);
  expect(asked).toBe(2);
});

it('C-E17 a withdrawn key is worth nothing after ten minutes', async () => {
  const [first, next] = [await newKey('one'), await newKey('two')];
  published = [first.jwk];
  await verify(first.token);
  published = [next.jwk];
  now += 601_000;
  await verify(next.token);
  await expect(verify(first.token)).rejects.toBeInstanceOf(errors.JWKSNoMatchingKey);
});

it('C-E17 keys outlive an outage of their issuer by a day, and it is not asked all the time', async () => {
  const { jwk, token } = await newKey('one');
  published = [jwk];
  await verify(token);
  outage = true;
  now += 23 * HOUR;
  for (let i = 0; i < 3; i++) await verify(token);
  expect(asked).toBe(2);
  now += 2 * HOUR;
  await expect(verify(token)).rejects.toBeInstanceOf(KeysOutOfReach);
  outage = false;
  await verify(token);
});

it('keys that were never read are out of reach, not unknown', async () => {
  outage = true;
  await expect(verify((await newKey('one')).token)).rejects.toBeInstanceOf(KeysOutOfReach);
});
