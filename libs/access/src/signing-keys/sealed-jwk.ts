import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { JWK } from 'jose';
import type { KeyManagement, WrappedKeyTable } from '#encryption';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** A private key as it is stored: encrypted by a key of its own, which the master key wraps. */
export interface SealedJwk {
  readonly sealedPrivateJwk: Buffer;
  readonly wrappedKey: Buffer;
  readonly masterKeyId: string;
}

/** No tenant id holds a `$`: these keys belong to the issuer. The `kid` is authenticated, so sealed keys cannot be swapped. */
const nameOf = (kid: string) => ({ tenantId: `$issuer/${kid}`, purpose: 'data', version: 1 }) as const;

/** The same name as SQL says it, for whoever rotates the master key. */
export const signingKeyTable: WrappedKeyTable = {
  table: 'signing_keys',
  tenantId: `('$issuer/' || kid)`,
  purpose: `'data'`,
  version: '1',
};

export const sealJwk = async (management: KeyManagement, kid: string, jwk: JWK): Promise<SealedJwk> => {
  const key = randomBytes(32);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  const sealed = Buffer.concat([iv, cipher.update(JSON.stringify(jwk), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const { masterKeyId, wrappedKey } = await management.wrap(nameOf(kid), key);
  return { sealedPrivateJwk: sealed, wrappedKey: Buffer.from(wrappedKey), masterKeyId };
};

/** Throws when the master key is another one or a bit was changed. */
export const openJwk = async (management: KeyManagement, kid: string, sealed: SealedJwk): Promise<JWK> => {
  const key = await management.unwrap(nameOf(kid), sealed);
  const { sealedPrivateJwk: box } = sealed;
  const decipher = createDecipheriv(ALGORITHM, key, box.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(box.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  return JSON.parse(plain.toString('utf8')) as JWK;
};
