import { describe, expect, it } from '@jest/globals';
import { preferencesOf } from './preferences.js';

describe('RFC 7240: the header Prefer', () => {
  it.each([
    ['nothing', undefined, { respondAsync: false, wait: undefined }],
    ['another preference', 'return=minimal', { respondAsync: false, wait: undefined }],
    ['X9 respond-async', 'respond-async', { respondAsync: true, wait: undefined }],
    ['X9 a time to wait', 'respond-async, wait=10', { respondAsync: true, wait: 10 }],
    ['several headers', ['return=minimal; foo="a,b"', 'wait=3', 'Respond-Async'], { respondAsync: true, wait: 3 }],
    [
      'quotes, and spaces where the grammar allows them',
      ' respond-async ;x=1 ,wait = "7"',
      { respondAsync: true, wait: 7 },
    ],
    ['one preference twice: the first counts', 'wait=1, wait=2', { respondAsync: false, wait: 1 }],
    ['a value that is no time', 'respond-async, wait=soon', { respondAsync: true, wait: undefined }],
    ['a negative time', 'respond-async, wait=-1', { respondAsync: true, wait: undefined }],
    ['a name inside a quoted value', 'foo="respond-async"', { respondAsync: false, wait: undefined }],
    ['nonsense', ',,;;="', { respondAsync: false, wait: undefined }],
  ])('is read with %s', (_name, header, expected) => expect(preferencesOf(header)).toEqual(expected));
});
