import { createCipheriv, createDecipheriv, randomFillSync, type KeyObject } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
/** The first byte of every box; a new way of encrypting gets the next number and the old one stays readable. */
const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + IV_BYTES;

/** What is encrypted does not belong where it stands: it was changed, moved, or another key made it. */
export class BrokenBox extends Error {
  readonly code = 'broken-box';
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'BrokenBox';
  }
}

/** Returns `format | iv | ciphertext | tag`. `context` is authenticated but not stored: opening needs the same one (NIST SP 800-38D). */
export const encrypt = (key: KeyObject, context: Uint8Array, plain: string | Uint8Array): Buffer => {
  const iv = freshIv();
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(context);
  const ciphertext = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain);
  cipher.final(); // GCM is a stream: nothing is left to come out
  return Buffer.concat([Buffer.of(FORMAT), iv, ciphertext, cipher.getAuthTag()]);
};

/** Opens what `encrypt` returned. Throws BrokenBox when any bit of box, key or context differs. */
export const decrypt = (key: KeyObject, context: Uint8Array, box: Uint8Array): Buffer => {
  if (box[0] !== FORMAT || box.length < HEADER_BYTES + TAG_BYTES)
    throw new BrokenBox(`it is ${box.length} bytes of format ${box[0] ?? 'none'}, this release reads format ${FORMAT}`);
  const decipher = createDecipheriv(ALGORITHM, key, box.subarray(1, HEADER_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(context);
  decipher.setAuthTag(box.subarray(-TAG_BYTES));
  const plain = decipher.update(box.subarray(HEADER_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw new BrokenBox('its authentication tag does not match', { cause });
  }
  return plain;
};

/** Joins parts so that no two lists give the same bytes: each is preceded by its length. */
export const lengthPrefixed = (...parts: readonly string[]): Buffer => {
  const lengths = parts.map((part) => Buffer.byteLength(part));
  const joined = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + 4 + length, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    at = joined.writeUInt32BE(lengths[index] ?? 0, at);
    at += joined.write(part, at);
  }
  return joined;
};

// One call of the generator costs 2 µs whatever it returns, so initialization vectors (which are no secret) are drawn 256 at a time.
const ivs = Buffer.allocUnsafeSlow(256 * IV_BYTES);
let used = ivs.length;

const freshIv = (): Buffer => {
  if (used === ivs.length) {
    randomFillSync(ivs);
    used = 0;
  }
  used += IV_BYTES;
  return Buffer.from(ivs.subarray(used - IV_BYTES, used));
};
