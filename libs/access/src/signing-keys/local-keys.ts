import { createPublicKey, type KeyObject } from 'node:crypto';
import { errors } from 'jose';
import type { PublicKeys } from '../guard/jwt-verifier.js';
import type { SigningKeys } from './signing-keys.js';

const ASK_AGAIN_MS = 2000;

/** The issuer's keys for a process that has them at hand, so that it need not ask itself over HTTP. Reads them again for an unknown `kid`. */
export const localKeys = (signing: SigningKeys, monotonicMs: () => number = () => performance.now()): PublicKeys => {
  let known: ReadonlyMap<string, KeyObject> = new Map();
  let askedAt = -Infinity;
  const read = async (): Promise<void> => {
    askedAt = monotonicMs();
    const { keys } = await signing.refresh();
    known = new Map(keys.map((jwk) => [jwk.kid ?? '', createPublicKey({ key: jwk, format: 'jwk' })]));
  };
  return async ({ kid = '' }) => {
    if (!known.has(kid) && monotonicMs() - askedAt >= ASK_AGAIN_MS) await read();
    const key = known.get(kid);
    if (key === undefined) throw new errors.JWKSNoMatchingKey();
    return key;
  };
};
