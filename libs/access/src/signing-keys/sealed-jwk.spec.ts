import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { LocalMasterKey } from '#encryption';
import { openJwk, sealJwk } from './sealed-jwk.js';

const master = () => new LocalMasterKey(randomBytes(32).toString('base64'));
const jwk = { kty: 'RSA', kid: 'k1', d: 'private-part' };

it('a sealed key opens again, and shows nothing of itself', async () => {
  const management = master();
  const sealed = await sealJwk(management, 'k1', jwk);
  expect(await openJwk(management, 'k1', sealed)).toEqual(jwk);
  expect(sealed.sealedPrivateJwk.toString('latin1')).not.toContain('private-part');
});

it('does not open as another key, by another master key, or changed', async () => {
  const management = master();
  const sealed = await sealJwk(management, 'k1', jwk);
  await expect(openJwk(management, 'k2', sealed)).rejects.toThrow();
  await expect(openJwk(master(), 'k1', sealed)).rejects.toThrow();
  const changed = Buffer.from(sealed.sealedPrivateJwk);
  changed.writeUInt8((changed[20] ?? 0) ^ 1, 20);
  await expect(openJwk(management, 'k1', { ...sealed, sealedPrivateJwk: changed })).rejects.toThrow();
});
