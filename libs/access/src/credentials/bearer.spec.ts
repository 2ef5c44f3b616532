import { expect, it } from '@jest/globals';
import { bearerOf } from './bearer.js';

it.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   abc ', 'abc'],
  ['abc', 'abc'],
  [' abc ', 'abc'],
  ['Basic YWJj', undefined],
  ['Bearer a b', undefined],
  ['', undefined],
  ['   ', undefined],
  [undefined, undefined],
  [`Bearer ${'a'.repeat(9000)}`, undefined],
])('C-O1 the credential of %j is %j', (header, credential) => expect(bearerOf(header)).toBe(credential));

it('a header that only says Bearer is taken as a token, which will be none', () =>
  expect(bearerOf('Bearer ')).toBe('Bearer'));
