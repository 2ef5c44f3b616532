import { TenancyError } from '../refusal.js';

/** A public JWK (RFC 7517 §4) with the members a verifier needs, and no others. */
export type PublicKey = Readonly<Record<string, string>>;
export type PublicKeySet = Readonly<{ keys: readonly PublicKey[] }>;

const MOST_KEYS = 10;
const LONGEST_MEMBER = 2000; // an RSA modulus of 8192 bits has 1366 characters
const LEAST_RSA_CHARACTERS = 342; // of 2048 bits (RFC 7518 §3.3)
const BASE64URL = /^[\w-]+$/;

/** RFC 7518 §6: what makes a public key of each kind; the curves that the supported algorithms use. */
const requiredMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};
const curves: Readonly<Record<string, readonly string[]>> = { EC: ['P-256'], OKP: ['Ed25519'] };
const optionalMembers = ['kid', 'alg', 'use'];
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** Returns the keys without members that verifying does not need. Throws `authentication-invalid`, naming the key at fault. */
export const checkedPublicKeys = ({ keys }: PublicKeySet): PublicKeySet => {
  if (keys.length === 0 || keys.length > MOST_KEYS) throw refused(`jwks.keys holds 1 to ${MOST_KEYS} keys.`);
  const checked = keys.map(checkedKey);
  const kids = checked.flatMap(({ kid }) => (kid === undefined ? [] : [kid]));
  if (new Set(kids).size < kids.length || (checked.length > 1 && kids.length < checked.length))
    throw refused('Several keys need a kid each, and no two the same.');
  return { keys: checked };
};

const checkedKey = (key: PublicKey, index: number): PublicKey => {
  const at = `jwks.keys[${index}]`;
  if (privateMembers.some((member) => member in key))
    throw refused(
      `${at} holds a private or symmetric key. Send the public key only, and replace this one: it is known now.`,
    );
  const { kty = '', crv = '', n = '' } = key;
  const required = requiredMembers[kty];
  if (required === undefined) throw refused(`${at}.kty must be RSA, EC or OKP.`);
  if (curves[kty]?.includes(crv) === false) throw refused(`${at}.crv must be P-256 (EC) or Ed25519 (OKP).`);
  for (const member of required)
    if (!BASE64URL.test(key[member] ?? '')) throw refused(`${at}.${member} is missing or not base64url.`);
  if (kty === 'RSA' && n.length < LEAST_RSA_CHARACTERS) throw refused(`${at} is an RSA key of less than 2048 bits.`);
  const kept = ['kty', ...required, ...optionalMembers].flatMap((member) =>
    key[member] === undefined ? [] : [[member, key[member]] as const],
  );
  if (kept.some(([, value]) => value === '' || value.length > LONGEST_MEMBER))
    throw refused(`${at} has an empty or too long member.`);
  return Object.fromEntries(kept);
};

const refused = (message: string): TenancyError => new TenancyError('authentication-invalid', message);
