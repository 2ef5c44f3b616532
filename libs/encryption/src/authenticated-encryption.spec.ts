import { createSecretKey, randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BrokenBox, decrypt, encrypt, lengthPrefixed } from './authenticated-encryption.js';

const key = createSecretKey(randomBytes(32));
const context = lengthPrefixed('acme', 'user', 'event');

describe('authenticated encryption', () => {
  it('returns what went in, text and bytes alike', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array(), (text, bytes) => {
        expect(decrypt(key, context, encrypt(key, context, text)).toString()).toBe(text);
        expect([...decrypt(key, context, encrypt(key, context, bytes))]).toEqual([...bytes]);
      }),
    );
  });

  it('refuses a box of which any single bit was flipped', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), (text, position) => {
        const box = encrypt(key, context, text);
        const bit = position % (box.length * 8);
        box[bit >> 3] = (box[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => decrypt(key, context, box)).toThrow(BrokenBox);
      }),
      { numRuns: 500 },
    );
  });

  it.each([0, 1, 12, 28])('refuses a box cut to %d bytes', (length) => {
    expect(() => decrypt(key, context, encrypt(key, context, 'personal').subarray(0, length))).toThrow(BrokenBox);
  });

  it('refuses another key and another context', () => {
    const box = encrypt(key, context, 'personal');
    expect(() => decrypt(createSecretKey(randomBytes(32)), context, box)).toThrow(BrokenBox);
    expect(() => decrypt(key, lengthPrefixed('acme', 'user', 'other'), box)).toThrow(BrokenBox);
  });

  it('names the format it cannot read, for a database written by a later release', () => {
    const box = encrypt(key, context, 'personal');
    box[0] = 9;
    expect(() => decrypt(key, context, box)).toThrow(/format 9, this release reads format 1/);
  });

  it('never uses an initialization vector twice', () => {
    const ivs = Array.from({ length: 1000 }, () => encrypt(key, context, '').subarray(1, 13).toString('hex'));
    expect(new Set(ivs).size).toBe(1000);
  });
});

describe('lengthPrefixed', () => {
  it('tells any two lists apart', () => {
    const parts = fc.array(fc.string({ maxLength: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(lengthPrefixed(...a).equals(lengthPrefixed(...b))).toBe(same);
      }),
    );
    expect(lengthPrefixed('ab', 'c').equals(lengthPrefixed('a', 'bc'))).toBe(false);
  });
});
