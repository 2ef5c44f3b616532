import { expect, it } from '@jest/globals';
import { hashPassword, passwordMatches } from './password.js';

it('F8 a password matches its hash, and nothing else does', async () => {
  const hash = await hashPassword('correct horse battery');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(hash).not.toContain('horse');
  expect(await passwordMatches('correct horse battery', hash)).toBe(true);
  for (const other of ['correct horse batterY', '', 'correct horse battery '])
    expect(await passwordMatches(other, hash)).toBe(false);
});

it('the same password has another hash each time', async () =>
  expect(await hashPassword('correct horse battery')).not.toBe(await hashPassword('correct horse battery')));

it('is the same however its letters are composed', async () =>
  expect(await passwordMatches('mu\u0308hsame Zeile', await hashPassword('m\u00fchsame Zeile'))).toBe(true));

it.each([undefined, '', 'sha256-x', '$argon2id$v=19$m=19456,t=2,p=1$AA$AA'])(
  'nothing matches the hash %j',
  async (hash) => expect(await passwordMatches('', hash)).toBe(false),
);
