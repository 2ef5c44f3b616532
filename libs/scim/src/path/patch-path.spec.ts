import { describe, expect, it } from '@jest/globals';
import { filterToText } from '../filter/filter-text.js';
import { ScimError } from '../messages/scim-error.js';
import { parsePatchPath } from './patch-path.js';

const parts = (text: string) => {
  const { name, filter, subAttribute } = parsePatchPath(text);
  return [name, filter === undefined ? undefined : filterToText(filter), subAttribute];
};

const scimType = (text: string): string | undefined => {
  try {
    parsePatchPath(text);
  } catch (error) {
    if (error instanceof ScimError) return error.scimType;
    throw error;
  }
  return 'accepted';
};

describe('RFC 7644 §3.5.2: the path of an operation', () => {
  it.each([
    ['userName', ['userName', undefined, undefined]],
    ['name.familyName', ['name.familyName', undefined, undefined]],
    ['addresses[type eq "work"]', ['addresses', 'type eq "work"', undefined]],
    ['members[value eq "a-b"].displayName', ['members', 'value eq "a-b"', 'displayName']],
    [
      'emails[type eq "work" and value ew "example.com"].value',
      ['emails', 'type eq "work" and value ew "example.com"', 'value'],
    ],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq "work"].value',
      ['urn:ietf:params:scim:schemas:core:2.0:User:emails', 'type eq "work"', 'value'],
    ],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
      ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User', undefined, undefined],
    ],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value',
      ['urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value', undefined, undefined],
    ],
    ['roles[primary eq "True"].value', ['roles', 'primary eq "True"', 'value']],
    [' userName ', ['userName', undefined, undefined]],
  ])('R85 reads %s', (text, expected) => expect(parts(text)).toEqual(expected));

  it.each([
    '',
    '.',
    'user name',
    'name.',
    'a.b.c',
    'emails[type eq "work"]value',
    'emails[type eq "work"].',
    'x eq "y"',
    '"a"',
  ])('R85 refuses the malformed path %j', (text) => expect(scimType(text)).toBe('invalidPath'));

  it.each([
    'emails[',
    'emails[]',
    'emails[type]',
    'emails[type eq]',
    'emails[type eq "work"',
    'emails[type is "work"]',
  ])('R85 refuses the malformed filter in %j', (text) => expect(scimType(text)).toBe('invalidFilter'));
});
