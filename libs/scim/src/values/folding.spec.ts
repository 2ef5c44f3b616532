import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold, prepareUserName } from './folding.js';

describe('texts compared without case', () => {
  it.each([
    ['BJensen', 'bjensen'],
    ['ÅSA', 'åsa'],
    ['A\u030aSA', 'Åsa'],
    ['ｂｊｅｎｓｅｎ＠ｘ．ｅｘａｍｐｌｅ', 'bjensen@x.example'],
    ['ﾀﾞ', 'ダ'],
    ['ΟΔΟΣ', 'οδος'],
    ['ΟΔΟΣ', 'οδοσ'],
    ["O'BRIEN+1 x", "o'brien+1 X"],
    ['\u212Bbs', 'åbs'],
  ])('R16 R17 %j and %j are one name', (a, b) => expect(prepareUserName(a)).toBe(prepareUserName(b)));

  it.each([
    ['straße', 'strasse'],
    ['a', 'а'],
    ['½', '1/2'],
  ])('%j and %j are two names', (a, b) => expect(prepareUserName(a)).not.toBe(prepareUserName(b)));

  const text = fc.string({ unit: 'grapheme' });

  it('folded twice is folded once, composed or not', () =>
    fc.assert(
      fc.property(text, (name) => {
        expect(fold(fold(name))).toBe(fold(name));
        expect(fold(name.normalize('NFD'))).toBe(fold(name));
        expect(fold(name.normalize('NFC'))).toBe(fold(name));
      }),
      { numRuns: 1_000 },
    ));

  it('is the same for userNames as for filters, so that a filter finds what collides', () =>
    fc.assert(fc.property(text, (name) => expect(prepareUserName(name)).toBe(fold(name)))));
});
