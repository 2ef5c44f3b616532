import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { base62 } from './base62.js';

const SECRET_BYTES = 32;
const SECRET_LENGTH = 43; // 256 bits in base 62
const CHECKSUM_LENGTH = 6; // 32 bits in base 62
const ID_BYTES = 11;
const ID_LENGTH = 15;
const ID = `[0-9A-Za-z]{${ID_LENGTH}}`;
const TOKEN = new RegExp(`^rc_(${ID})_([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`);

/** Begins every SCIM token, so that scanners of repositories and people recognise a leaked one. */
export const SCIM_TOKEN_PREFIX = 'rc_';
const CLIENT_SECRET_PREFIX = 'rcs_';

/** An id of a client, secret or token: random, letters and digits. */
export const newCredentialId = (): string => base62(randomBytes(ID_BYTES), ID_LENGTH);

/** How a secret is kept: it is 256 random bits, so one round of SHA-256 is enough and costs nothing (OPERATIONS 7.3). */
export const hashSecret = (secret: string): string =>
  `sha256-${createHash('sha256').update(secret).digest('base64url')}`;

/** Compares in constant time. */
export const secretMatches = (secret: string, hash: string): boolean => sameText(hashSecret(secret), hash);

/** Compares two texts in a time that does not tell where they differ. */
export const sameText = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

/** A new SCIM token `rc_<id>_<secret><checksum>`. The token is shown once and never kept; the hash is kept. */
export const newScimToken = (): { readonly tokenId: string; readonly token: string; readonly hash: string } => {
  const tokenId = newCredentialId();
  const body = `${SCIM_TOKEN_PREFIX}${tokenId}_${base62(randomBytes(SECRET_BYTES), SECRET_LENGTH)}`;
  const token = `${body}${checksum(body)}`;
  return { tokenId, token, hash: hashSecret(token) };
};

/** The id in a SCIM token; undefined when it is none or its checksum is wrong, so that a mistyped one costs no look-up. */
export const scimTokenId = (token: string): string | undefined => {
  const [, tokenId, , sum] = TOKEN.exec(token) ?? [];
  return sum !== undefined && checksum(token.slice(0, -CHECKSUM_LENGTH)) === sum ? tokenId : undefined;
};

/** A new client secret, and the hash that is kept of it. */
export const newClientSecret = (): { readonly secretId: string; readonly secret: string; readonly hash: string } => {
  const secret = `${CLIENT_SECRET_PREFIX}${base62(randomBytes(SECRET_BYTES), SECRET_LENGTH)}`;
  return { secretId: newCredentialId(), secret, hash: hashSecret(secret) };
};

const checksum = (text: string): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(text));
  return base62(bytes, CHECKSUM_LENGTH);
};
