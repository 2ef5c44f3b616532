import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { groupSchema } from '../schemas/core-schemas.js';
import { splitGroupPatch } from './group-patch.js';
import { parsePatchRequest } from './patch-request.js';

const split = (...operations: readonly unknown[]) =>
  splitGroupPatch(parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), groupSchema);

const members = (...operations: readonly unknown[]) => split(...operations).memberOperations;

const scimType = (...operations: readonly unknown[]): string | undefined => {
  try {
    split(...operations);
  } catch (error) {
    if (error instanceof ScimError) return error.scimType;
    throw error;
  }
  return 'accepted';
};

const addA = { kind: 'add', members: [{ value: 'a' }] };
const removeA = { kind: 'remove', values: ['a'] };

describe('RFC 7644 §3.5.2: members of a group, in every form in use', () => {
  it.each([
    ['a list', { op: 'add', path: 'members', value: [{ value: 'a' }] }],
    ['a capital op and a null $ref (Entra)', { op: 'Add', path: 'members', value: [{ $ref: null, value: 'a' }] }],
    ['a display name (Okta)', { op: 'add', path: 'members', value: [{ value: 'a', display: 'A' }] }],
    ['a single object', { op: 'add', path: 'members', value: { value: 'a' } }],
    ['a bare id', { op: 'add', path: 'members', value: ['a'] }],
    ['no path', { op: 'add', value: { members: [{ value: 'a' }] } }],
    ['other case', { op: 'ADD', path: 'Members', value: [{ Value: 'a' }] }],
    ['a URN', { op: 'add', path: `${urns.group}:members`, value: [{ value: 'a' }] }],
    ['a URN as key', { op: 'add', value: { [`${urns.group}:members`]: [{ value: 'a' }] } }],
    ['the same member twice', { op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'a', type: 'User' }] }],
  ])('adds by %s', (_, operation) => {
    expect(split(operation)).toEqual({ attributeOperations: [], memberOperations: [addA] });
  });

  it('keeps the type of a member where it is one', () =>
    expect(
      members({
        op: 'add',
        path: 'members',
        value: [
          { value: 'a', type: 'group' },
          { value: 'b', type: 'x' },
        ],
      }),
    ).toEqual([{ kind: 'add', members: [{ value: 'a', type: 'Group' }, { value: 'b' }] }]));

  it.each([
    ['a filter (Okta)', { op: 'remove', path: 'members[value eq "a"]' }],
    ['a filter with a URN', { op: 'remove', path: `${urns.group}:members[VALUE EQ "a"]` }],
    ['a filter and a sub-attribute', { op: 'remove', path: 'members[value eq "a"].value' }],
    ['a value list (Entra)', { op: 'Remove', path: 'members', value: [{ $ref: null, value: 'a' }] }],
    ['a single value', { op: 'remove', path: 'members', value: { value: 'a' } }],
    ['a value without path (Salesforce)', { op: 'remove', value: { members: [{ value: 'a' }] } }],
  ])('R96 C-E6 removes one by %s', (_, operation) => expect(members(operation)).toEqual([removeA]));

  it('removes several by one filter', () =>
    expect(members({ op: 'remove', path: 'members[value eq "a" or (value eq "b" or value eq "a")]' })).toEqual([
      { kind: 'remove', values: ['a', 'b'] },
    ]));

  it.each([
    ['no value', { op: 'remove', path: 'members' }],
    ['a null value (Keycloak)', { op: 'remove', path: 'members', value: null }],
    ['replace by nothing (Okta)', { op: 'replace', path: 'members', value: [] }],
    ['replace by null', { op: 'replace', path: 'members', value: null }],
    ['replace by nothing without path', { op: 'replace', value: { members: [] } }],
  ])('R95 removes all by %s', (_, operation) => expect(members(operation)).toEqual([{ kind: 'remove-all' }]));

  it.each([
    ['an empty list to remove', { op: 'remove', path: 'members', value: [] }],
    ['an empty list to remove without path', { op: 'remove', value: { members: [] } }],
    ['null to remove without path', { op: 'remove', value: { members: null } }],
    ['an empty list to add', { op: 'add', path: 'members', value: [] }],
    ['null to add', { op: 'add', value: { members: null } }],
  ])('changes no member for %s', (_, operation) =>
    expect(split(operation)).toEqual({ attributeOperations: [], memberOperations: [] }),
  );

  it('C-O9 replaces all', () =>
    expect(members({ op: 'replace', path: 'members', value: [{ value: 'a' }, { value: 'b' }] })).toEqual([
      { kind: 'replace', members: [{ value: 'a' }, { value: 'b' }] },
    ]));

  it('R87 keeps the order of operations, attributes and members apart', () =>
    expect(
      split(
        { op: 'remove', path: 'members[value eq "a"]' },
        { op: 'replace', value: { id: 'g', displayName: 'D', members: [{ value: 'b' }] } },
        { op: 'add', path: 'members', value: [{ value: 'a' }] },
        { op: 'replace', path: 'externalId', value: 'e' },
      ),
    ).toEqual({
      memberOperations: [removeA, { kind: 'replace', members: [{ value: 'b' }] }, addA],
      attributeOperations: [
        { op: 'replace', path: undefined, value: { id: 'g', displayName: 'D' } },
        { op: 'replace', path: 'externalId', value: 'e' },
      ],
    }));

  it.each([
    ['a filter on display', { op: 'remove', path: 'members[display eq "A"]' }, 'invalidFilter'],
    ['a filter on type', { op: 'remove', path: 'members[type eq "User"]' }, 'invalidFilter'],
    ['a filter with and', { op: 'remove', path: 'members[value eq "a" and type eq "User"]' }, 'invalidFilter'],
    ['a filter with ne', { op: 'remove', path: 'members[value ne "a"]' }, 'invalidFilter'],
    ['a filter on something unknown', { op: 'remove', path: 'members[id eq "a"]' }, 'invalidFilter'],
    ['a malformed filter', { op: 'remove', path: 'members[value eq]' }, 'invalidFilter'],
    ['a change of a member', { op: 'replace', path: 'members[value eq "a"].value', value: 'b' }, 'mutability'],
    ['a replaced member', { op: 'replace', path: 'members[value eq "a"]', value: { value: 'b' } }, 'invalidPath'],
    ['a member without value', { op: 'add', path: 'members', value: [{ display: 'A' }] }, 'invalidValue'],
    ['a member that is a number', { op: 'add', path: 'members', value: [7] }, 'invalidValue'],
    ['an id with U+0000', { op: 'add', path: 'members', value: [{ value: 'a\0' }] }, 'invalidValue'],
    ['a removal of nothing said', { op: 'remove', value: { displayName: 'x' } }, 'noTarget'],
    [
      'members and more removed without path',
      { op: 'remove', value: { members: [{ value: 'a' }], displayName: 'x' } },
      'noTarget',
    ],
  ])('R100 refuses %s', (_, operation, expected) => expect(scimType(operation)).toBe(expected));

  it('leaves operations on other attributes as they are', () => {
    const operation = { op: 'replace', path: 'displayName', value: 'D' } as const;
    expect(split(operation)).toEqual({ attributeOperations: [operation], memberOperations: [] });
  });
});
