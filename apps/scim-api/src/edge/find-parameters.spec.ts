import { describe, expect, it } from '@jest/globals';
import { groupSchema, ScimError, userSchema } from '#scim';
import { findParameters, sortTarget } from './find-parameters.js';

const sorted = (sortBy: string) => sortTarget(sortBy, userSchema)?.target.path;

describe('what "sortBy" names', () => {
  it.each([
    ['userName', 'userName'],
    ['NAME.familyname', 'name.familyName'],
    ['emails', 'emails.value'],
    ['emails.type', 'emails.type'],
    [
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value',
    ],
  ])('R69 %s is %s', (name, path) => expect(sorted(name)).toBe(path));

  it.each(['name', 'addresses', 'meta'])('R69 "%s" has no order: one of its parts has to be named', (name) =>
    expect(() => sorted(name)).toThrow(ScimError),
  );

  it('R53 is nothing where the schema does not know it', () => {
    expect(sortTarget('userName', groupSchema)).toBeUndefined();
    const query = {
      filter: undefined,
      sortBy: 'userName',
      sortOrder: 'ascending',
      startIndex: 1,
      count: 1,
      cursor: undefined,
    } as const;
    expect(() => findParameters(query, groupSchema, {})).toThrow('must name an attribute');
  });
});
