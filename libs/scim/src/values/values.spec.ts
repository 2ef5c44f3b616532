import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseDateTime } from './date-time.js';
import { canonicalKey, sameValue } from './equality.js';
import { compareCodePoints } from './ordering.js';
import type { ScimValue } from './scim-value.js';

describe('RFC 7643 §2.3.5: dateTime', () => {
  it.each([
    ['2008-01-23T04:56:22Z', Date.UTC(2008, 0, 23, 4, 56, 22)],
    ['2008-01-23T04:56:22.5Z', Date.UTC(2008, 0, 23, 4, 56, 22, 500)],
    ['2008-01-23T06:56:22+02:00', Date.UTC(2008, 0, 23, 4, 56, 22)],
    ['2008-01-22T23:26:22-05:30', Date.UTC(2008, 0, 23, 4, 56, 22)],
    ['2008-01-23T04:56:22', Date.UTC(2008, 0, 23, 4, 56, 22)],
    ['2024-02-29T00:00:00.123456Z', Date.UTC(2024, 1, 29, 0, 0, 0, 123)],
  ])('R28 reads %s', (text, time) => expect(parseDateTime(text)).toBe(time));

  it.each([
    '2008-01-23',
    '04:56:22',
    '2023-02-29T00:00:00Z',
    '2008-13-01T00:00:00Z',
    '2008-01-01T24:00:00Z',
    '2008-01-01T00:60:00Z',
    '',
    'x',
  ])('R28 refuses %j', (text) => expect(parseDateTime(text)).toBeUndefined());

  it('agrees with the ISO form of any instant', () =>
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) =>
        expect(parseDateTime(date.toISOString())).toBe(date.getTime()),
      ),
    ));
});

describe('R68 order of texts', () => {
  it('is that of code points, as in the database', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const bytes = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(bytes));
      }),
      { numRuns: 1_000 },
    ));

  it('puts emoji after the last of the basic plane', () =>
    expect(compareCodePoints('😀', '\uffee')).toBeGreaterThan(0));
});

describe('R7 equality of values', () => {
  const value: fc.Arbitrary<ScimValue> = fc.letrec<{ value: ScimValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('a', 'b', 1, true),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('x', 'y'), tie('value'), { noNullPrototype: true }),
    ),
  })).value;

  it('says the same as the canonical form', () =>
    fc.assert(
      fc.property(value, value, (a, b) => expect(sameValue(a, b)).toBe(canonicalKey(a) === canonicalKey(b))),
      { numRuns: 1_000 },
    ));

  it('tells apart a text from a number and a list from its value', () => {
    expect(sameValue('1', 1)).toBe(false);
    expect(sameValue(['a'], 'a')).toBe(false);
    expect(sameValue({}, [])).toBe(false);
    expect(sameValue(undefined, undefined)).toBe(true);
  });
});
