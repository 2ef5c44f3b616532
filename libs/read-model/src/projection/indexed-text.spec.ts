import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareCodePoints } from '#scim';
import { afterPrefix, INDEXED_LENGTH, indexedText, isIndexedWhole } from './indexed-text.js';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\ud7ff', '\ue000', '\uffff', '😀', '\u{10ffff}') });
const longText = fc
  .tuple(fc.constantFrom('', 'x'.repeat(INDEXED_LENGTH - 2), 'x'.repeat(INDEXED_LENGTH)), text)
  .map((parts) => parts.join(''));

describe('an indexed text', () => {
  it('fits a B-tree entry whatever the length', () => {
    for (const character of ['a', 'é', '漢', '😀'])
      expect(Buffer.byteLength(indexedText(character.repeat(100_000)))).toBeLessThan(820);
  });

  it('compares with any text of indexable length as the whole text does', () =>
    fc.assert(
      fc.property(longText, longText.filter(isIndexedWhole), (stored, sought) => {
        expect(Math.sign(compareCodePoints(indexedText(stored), sought))).toBe(
          Math.sign(compareCodePoints(stored, sought)),
        );
      }),
    ));

  it('is well-formed, wherever it is cut', () =>
    fc.assert(fc.property(longText, (stored) => indexedText(stored).isWellFormed())));
});

describe('the range of a prefix', () => {
  it('holds exactly the texts that begin with it', () =>
    fc.assert(
      fc.property(text, text, (prefix, other) => {
        const end = afterPrefix(prefix);
        const inRange =
          compareCodePoints(other, prefix) >= 0 && (end === undefined || compareCodePoints(other, end) < 0);
        expect(inRange).toBe(other.startsWith(prefix));
      }),
    ));

  it('is open when no text follows', () => {
    expect(afterPrefix('')).toBeUndefined();
    expect(afterPrefix('\u{10ffff}')).toBeUndefined();
  });
});
