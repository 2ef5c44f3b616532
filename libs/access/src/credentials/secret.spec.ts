import { describe, expect, it } from '@jest/globals';
import { newClientSecret, newScimToken, sameText, scimTokenId, secretMatches } from './secret.js';

describe('SCIM tokens', () => {
  it('begin with a prefix, name their id, and hold 256 random bits', () => {
    const { tokenId, token } = newScimToken();
    expect(token).toMatch(/^rc_[0-9A-Za-z]{15}_[0-9A-Za-z]{49}$/);
    expect(scimTokenId(token)).toBe(tokenId);
    expect(43 * Math.log2(62)).toBeGreaterThan(256);
  });

  it('are each of their own', () =>
    expect(new Set(Array.from({ length: 1000 }, () => newScimToken().token)).size).toBe(1000));

  it('one wrong letter anywhere is seen by the checksum, before any look-up', () => {
    const { token } = newScimToken();
    for (let at = 0; at < token.length; at += 1) {
      const other = token[at] === 'x' ? 'y' : 'x';
      expect(scimTokenId(token.slice(0, at) + other + token.slice(at + 1))).toBeUndefined();
    }
  });

  it.each(['', 'rc_', 'rc_abc_def', 'Bearer x', `rc_${'a'.repeat(15)}_${'b'.repeat(49)}`])('%j is none', (text) =>
    expect(scimTokenId(text)).toBeUndefined(),
  );

  it('are kept as a hash that does not hold the secret', () => {
    const { token, hash } = newScimToken();
    expect(hash).toMatch(/^sha256-[\w-]{43}$/);
    expect(secretMatches(token, hash)).toBe(true);
    expect(secretMatches(`${token}x`, hash)).toBe(false);
  });
});

it('client secrets survive form and Basic encoding unchanged', () => {
  const { secret, hash } = newClientSecret();
  expect(encodeURIComponent(secret)).toBe(secret);
  expect(secretMatches(secret, hash)).toBe(true);
});

it('texts of any length can be compared', () => {
  expect(sameText('abc', 'abc')).toBe(true);
  expect(sameText('abc', 'abcd')).toBe(false);
  expect(sameText('', 'a')).toBe(false);
});
