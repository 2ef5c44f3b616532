import { expect, it } from '@jest/globals';
import { base62 } from './base62.js';

it.each([
  [[], '00'],
  [[0], '00'],
  [[61], '0z'],
  [[62], '10'],
  [[255, 255], 'H31'],
])('%j is %s', (bytes, text) => expect(base62(Uint8Array.from(bytes), 2)).toBe(text));
