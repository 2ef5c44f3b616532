import { expect, it } from '@jest/globals';
import { faultOfPassword } from './password-rules.js';

const about = ['babs.jensen@example.com', 'Barbara Jensen', 'Acme Inc.'];

it.each([
  'correct horse battery',
  'drei kühle Steine',
  'vM7#kd92!xLqp',
  'grünes Gras im Januar',
  '雨が降る静かな夜の公園で待つ',
])('F8 takes %s', (password) => expect(faultOfPassword(password, about)).toBeUndefined());

it.each([
  ['short', 'tR7#kd9', 'at least 12'],
  ['without end', 'ab cdefgh'.repeat(40), 'at most 200'],
  ['known from breaches', 'Password1234!', 'breaches'],
  ['known, in other letters', 'P@ssw0rd2026', 'breaches'],
  ['known, twice', 'welcomewelcome', 'breaches'],
  ['one letter', 'aaaaaaaaaaaaaa', 'pattern'],
  ['a run', 'abcdefghijklmnop', 'pattern'],
  ['a row of keys', 'qwertyuiop-qwertyuiop', 'pattern'],
  ['backwards', '09876543210987', 'pattern'],
  ['the address', 'babs.jensen@example', 'name or address'],
  ['the name', 'BarbaraJensen1', 'name or address'],
])('refuses one that is %s, and says why', (_, password, reason) =>
  expect(faultOfPassword(password, about)).toContain(reason),
);
