import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB and two passes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const HASH = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;
const TAG_BYTES = 32;

/** A password as it is kept, in the PHC string format: cost and salt stand in it, so that they can be raised later. */
export const hashPassword = async (password: string): Promise<string> => {
  const salt = randomBytes(16);
  const tag = await tagOf(password, salt, COST);
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${plain(salt)}$${plain(tag)}`;
};

/** Whether it is the password of that hash. Takes as long when there is no hash, so that it does not tell who has an account. */
export const passwordMatches = async (password: string, hash: string | undefined): Promise<boolean> => {
  const [, memory, passes, parallelism, salt = '', tag = ''] = HASH.exec(hash ?? '') ?? [];
  const known = Buffer.from(tag, 'base64');
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const found = await (known.length === TAG_BYTES
    ? tagOf(password, Buffer.from(salt, 'base64'), cost)
    : tagOf(password, randomBytes(16), COST));
  return known.length === TAG_BYTES && timingSafeEqual(found, known);
};

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** One way of writing a password, however a keyboard composes its letters (NIST SP 800-63B §5.1.1.2). */
const tagOf = (password: string, nonce: Buffer, cost: Cost): Promise<Buffer> =>
  derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength: TAG_BYTES, ...cost });

const plain = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
