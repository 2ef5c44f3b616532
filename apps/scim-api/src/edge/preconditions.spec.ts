import { describe, expect, it } from '@jest/globals';
import { entityTag, ifMatch, matchesNone, PreconditionFailed } from './preconditions.js';

describe('R117 If-Match', () => {
  it.each([
    ['the tag itself', 'W/"3"', 3],
    ['a strong form of the tag', '"3"', 3],
    ['a tag that lost its quotes', '3', 3],
    ['one of several tags', 'W/"1", W/"3"', 3],
    ['any version', '*', 3],
    ['a missing resource, which the command answers', 'W/"3"', -1],
  ])('lets %s pass', (_name, header, revision) => {
    expect(() => ifMatch(header)?.(revision)).not.toThrow();
  });

  it.each([
    ['an older version', 'W/"2"'],
    ['a tag that only begins alike', 'W/"33"'],
    ['an empty header', ''],
  ])('refuses %s', (_name, header) => {
    expect(() => ifMatch(header)?.(3)).toThrow(PreconditionFailed);
  });

  it('asks nothing when the header is absent', () => {
    expect(ifMatch(undefined)).toBeUndefined();
  });
});

describe('R117 If-None-Match', () => {
  it.each([
    ['the version at hand', 'W/"3"', true],
    ['any version', '*', true],
    ['another version', 'W/"2"', false],
    ['no header', undefined, false],
  ])('%s', (_name, header, hit) => {
    expect(matchesNone(header, 3)).toBe(hit);
  });
});

it('R116 the entity tag is weak and carries the revision', () => {
  expect(entityTag(7)).toBe('W/"7"');
});
