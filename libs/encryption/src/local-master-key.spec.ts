import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { BrokenTenantKey, UnknownMasterKey } from './key-management.js';
import { LocalMasterKey } from './local-master-key.js';

const secret = randomBytes(32).toString('base64');
const name = { tenantId: 'acme', purpose: 'data', version: 1 } as const;
const tenantKey = randomBytes(32);

it('unwraps what a process with the same master key has wrapped', async () => {
  const wrapped = await new LocalMasterKey(secret).wrap(name, tenantKey);
  expect(Buffer.from(await new LocalMasterKey(secret).unwrap(name, wrapped)).equals(tenantKey)).toBe(true);
});

it('says which master key is wanted when another one is at hand', async () => {
  const first = new LocalMasterKey(secret);
  const second = new LocalMasterKey(randomBytes(32).toString('base64'));
  const wrapped = await first.wrap(name, tenantKey);
  await expect(second.unwrap(name, wrapped)).rejects.toThrow(UnknownMasterKey);
  await expect(second.unwrap(name, wrapped)).rejects.toThrow(
    `by the master key ${first.currentId}, but MASTER_KEY is ${second.currentId}`,
  );
});

it.each([
  ['tenant', { ...name, tenantId: 'evil' }],
  ['purpose', { ...name, purpose: 'claims' }],
  ['version', { ...name, version: 2 }],
] as const)('does not unwrap a key moved to another %s', async (_, moved) => {
  const master = new LocalMasterKey(secret);
  await expect(master.unwrap(moved, await master.wrap(name, tenantKey))).rejects.toThrow(BrokenTenantKey);
});

it.each([
  ['too short', randomBytes(31).toString('base64')],
  ['too long', randomBytes(33).toString('base64')],
  ['no base64', `${secret.slice(0, -2)}*=`],
  ['empty', ''],
])('refuses a master key that is %s, without repeating it', (_, faulty) => {
  const make = () => new LocalMasterKey(faulty);
  expect(make).toThrow(/MASTER_KEY must be 32 bytes in base64/);
  if (faulty !== '') expect(make).not.toThrow(faulty);
});
