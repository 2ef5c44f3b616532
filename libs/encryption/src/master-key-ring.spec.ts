import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { demandMasterKeys, UnknownMasterKey, WrongMasterKey } from './key-management.js';
import { LocalMasterKey } from './local-master-key.js';
import { MasterKeyRing } from './master-key-ring.js';

const newKey = () => new LocalMasterKey(randomBytes(32).toString('base64'));
const name = { tenantId: 'acme', purpose: 'data', version: 1 } as const;
const tenantKey = randomBytes(32);

it('wraps with the current master key and opens what either has wrapped', async () => {
  const [old, current] = [newKey(), newKey()];
  const ring = new MasterKeyRing(current, [old]);
  expect((await ring.wrap(name, tenantKey)).masterKeyId).toBe(current.currentId);
  for (const key of [old, current])
    expect(Buffer.from(await ring.unwrap(name, await key.wrap(name, tenantKey))).equals(tenantKey)).toBe(true);
});

it('says which master key is wanted when none at hand fits', async () => {
  const [stranger, current] = [newKey(), newKey()];
  const ring = new MasterKeyRing(current, [newKey()]);
  const wrapped = await stranger.wrap(name, tenantKey);
  await expect(ring.unwrap(name, wrapped)).rejects.toThrow(UnknownMasterKey);
  await expect(ring.unwrap(name, wrapped)).rejects.toThrow(stranger.currentId);
});

it('tells at once whether every master key in use is at hand', () => {
  const [old, current, stranger] = [newKey(), newKey(), newKey()];
  const ring = new MasterKeyRing(current, [old]);
  demandMasterKeys(ring, [old.currentId, current.currentId]);
  const demand = () => demandMasterKeys(ring, [old.currentId, stranger.currentId]);
  expect(demand).toThrow(WrongMasterKey);
  expect(demand).toThrow(
    `MASTER_KEY is ${current.currentId}, but keys in the database were wrapped by ${stranger.currentId}`,
  );
});
