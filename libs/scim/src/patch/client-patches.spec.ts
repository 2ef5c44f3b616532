import { describe, expect, it } from '@jest/globals';
import { urns } from '../messages/urns.js';
import { userSchema } from '../schemas/core-schemas.js';
import type { Attributes } from '../values/scim-value.js';
import { parsePatchRequest } from './patch-request.js';
import { applyUserPatch } from './resource-patch.js';

const enterprise = urns.enterpriseUser;
const work = { primary: true, type: 'work', value: 'mail@testuser.com' };
const testUser = {
  attributes: {
    userName: 'Test_User@testuser.com',
    emails: [work],
    name: { familyName: 'familyName', givenName: 'givenName' },
  },
  active: true,
};

const patch = (operations: unknown, user: { attributes: Attributes; active: boolean } = testUser) =>
  applyUserPatch(user, parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), userSchema);

const withAttributes = (attributes: Attributes) => ({
  attributes: { ...testUser.attributes, ...attributes },
  active: true,
});

describe('Entra', () => {
  it('C-E4 writes op with a capital', () =>
    expect(patch([{ op: 'Replace', path: 'title', value: 'T' }]).attributes['title']).toBe('T'));

  it.each(['False', 'false', false, 'FALSE'])('C-E5 disables by active %j', (value) =>
    expect(patch([{ op: 'Replace', path: 'active', value }]).active).toBe(false),
  );

  it('C-E5 with its flag sends one value with dotted and URN keys', () =>
    expect(
      patch([
        {
          op: 'replace',
          value: {
            displayName: 'Bjfe',
            'name.givenName': 'Kkom',
            'emails[type eq "work"].value': 'new@testuser.com',
            [`${enterprise}:employeeNumber`]: 'Aklq',
            [`${enterprise}:manager`]: 'boss-1',
          },
        },
      ]).attributes,
    ).toEqual({
      ...testUser.attributes,
      displayName: 'Bjfe',
      name: { familyName: 'familyName', givenName: 'Kkom' },
      emails: [{ ...work, value: 'new@testuser.com' }],
      [enterprise]: { employeeNumber: 'Aklq', manager: { value: 'boss-1' } },
    }));

  it('C-E8 sends the manager as a bare id, as an object, as a list, and "" to take it away', () => {
    const path = `${enterprise}:manager`;
    for (const value of [
      'boss-1',
      { value: 'boss-1' },
      [{ value: 'boss-1' }],
      { value: 'boss-1', displayName: 'Boss' },
    ]) {
      expect(patch([{ op: 'Add', path, value }]).attributes[enterprise]).toEqual({ manager: { value: 'boss-1' } });
    }
    const managed = withAttributes({ [enterprise]: { manager: { value: 'boss-1', $ref: 'x' } } });
    for (const operation of [
      { op: 'Replace', path, value: '' },
      { op: 'Replace', path, value: null },
      { op: 'Replace', path, value: { value: '' } },
      { op: 'Remove', path },
      { op: 'Remove', path: `${path}.value` },
    ]) {
      expect(patch([operation], managed).attributes).not.toHaveProperty([enterprise]);
    }
  });

  it.each(['Add', 'Replace'])('C-E9 %s on an element that is not there makes it with what the filter says', (op) =>
    expect(
      patch([
        { op, path: 'addresses[type eq "work"].streetAddress', value: '1 Street' },
        { op, path: 'addresses[type eq "work"].country', value: 'US' },
        { op, path: 'phoneNumbers[type eq "mobile"].value', value: '+1 425' },
        { op, path: 'emails[type eq "other" and primary eq false].value', value: 'o@x.example' },
      ]).attributes,
    ).toMatchObject({
      addresses: [{ type: 'work', streetAddress: '1 Street', country: 'US' }],
      phoneNumbers: [{ type: 'mobile', value: '+1 425' }],
      emails: [work, { type: 'other', primary: false, value: 'o@x.example' }],
    }),
  );

  it.each([
    'emails[type ne "other"].display',
    'emails[type eq "a" or type eq "b"].value',
    'emails[value eq "old@x"].value',
    'emails[type eq "a" and type eq "b"].value',
  ])('C-E9 makes no element for %s, whose filter does not describe one that fits', (path) => {
    const user = { attributes: { userName: 'a' }, active: true };
    expect(() => patch([{ op: 'Add', path, value: 'x' }], user)).toThrow(
      expect.objectContaining({ scimType: 'noTarget' }),
    );
  });

  it('C-E10 sets up the single role piece by piece', () =>
    expect(
      patch([
        { op: 'Add', path: 'roles[primary eq "True"].type', value: 'AppRole' },
        { op: 'Add', path: 'roles[primary eq "True"].value', value: 'admin' },
        { op: 'Add', path: 'roles[primary eq "True"].display', value: 'Admin' },
      ]).attributes['roles'],
    ).toEqual([{ primary: true, type: 'AppRole', value: 'admin', display: 'Admin' }]));

  it('C-E10 puts a JSON document into the value of a role as text', () => {
    const text = '{"id":"1","value":"admin"}';
    expect(patch([{ op: 'Add', path: 'roles', value: [{ value: text }] }]).attributes['roles']).toEqual([
      { value: text },
    ]);
    expect(patch([{ op: 'Add', path: 'roles', value: text }]).attributes['roles']).toEqual([{ value: text }]);
  });

  it.each([
    ['displayName', ''],
    ['displayName', null],
    ['phoneNumbers', []],
    ['phoneNumbers[type eq "work"].value', ''],
    ['name.formatted', ''],
    [`${enterprise}:department`, ''],
  ])('C-E11 clears %s by %j, also when it is not set', (path, value) => {
    const user = withAttributes({
      displayName: 'D',
      phoneNumbers: [{ type: 'work', value: '1' }],
      name: { formatted: 'F' },
      [enterprise]: { department: 'Sales' },
    });
    const { attributes } = patch([{ op: 'Replace', path, value }], user);
    expect(JSON.stringify(attributes).length).toBeLessThan(JSON.stringify(user.attributes).length);
    expect(patch([{ op: 'Replace', path, value }], { attributes, active: true }).changed).toBe(false);
  });

  it.each(['addresses[type eq "work"].country', 'addresses[type ne "work"].country', 'addresses.country'])(
    'C-E11 clears nothing and makes nothing at %s when there is no such value',
    (path) => {
      for (const operation of [
        { op: 'Replace', path, value: '' },
        { op: 'Remove', path },
      ]) {
        expect(patch([operation]).changed).toBe(false);
      }
    },
  );

  it('repeats a request without effect', () =>
    expect(patch([{ op: 'Add', path: 'emails[type eq "work"].value', value: work.value }]).changed).toBe(false));

  it('removes by a value list only what is listed', () => {
    const user = withAttributes({ roles: [{ value: 'a' }, { value: 'b', display: 'B' }] });
    expect(
      patch([{ op: 'Remove', path: 'roles', value: [{ $ref: null, value: 'b' }] }], user).attributes['roles'],
    ).toEqual([{ value: 'a' }]);
    expect(patch([{ op: 'Remove', path: 'roles', value: [] }], user).changed).toBe(false);
    expect(patch([{ op: 'Remove', path: 'roles', value: null }], user).attributes).not.toHaveProperty('roles');
  });
});

describe('Okta', () => {
  it('C-O7 deactivates without a path', () =>
    expect(patch([{ op: 'replace', value: { active: false } }]).active).toBe(false));

  it('C-O7 sends a single operation as well as a list', () =>
    expect(patch({ op: 'replace', value: { active: false } }).active).toBe(false));

  it('C-O8 repeats read-only attributes in a value without path', () =>
    expect(
      patch([
        { op: 'replace', value: { id: 'x', meta: { version: 'y' }, groups: [], schemas: [urns.user], title: 'T' } },
      ]).attributes,
    ).toEqual({ ...testUser.attributes, title: 'T' }));
});

describe('scim2-tester', () => {
  it('writes a whole extension by its URN, and an attribute with the URN of its schema', () =>
    expect(
      patch([
        { op: 'add', path: enterprise, value: { department: 'R&D', manager: { value: 'm' }, unknown: 1 } },
        { op: 'add', path: `${urns.user}:title`, value: 'T' },
        { op: 'add', path: urns.user, value: { nickName: 'N' } },
      ]).attributes,
    ).toEqual({
      ...testUser.attributes,
      title: 'T',
      nickName: 'N',
      [enterprise]: { department: 'R&D', manager: { value: 'm' } },
    }));

  it('writes an extension in a value without path', () =>
    expect(patch([{ op: 'add', value: { [enterprise]: { department: 'R&D' } } }]).attributes[enterprise]).toEqual({
      department: 'R&D',
    }));

  it('lets an extension be cleared by null', () =>
    expect(
      patch(
        [{ op: 'replace', value: { [enterprise]: null } }],
        withAttributes({ [enterprise]: { department: 'Sales' } }),
      ).attributes,
    ).not.toHaveProperty([enterprise]));
});

describe("SCIM-SDK's client", () => {
  it('puts a boolean into a list of one', () =>
    expect(patch([{ op: 'replace', path: 'active', value: [false] }]).active).toBe(false));

  it('R100 a list of two stays what it is: of the wrong type', () =>
    expect(() => patch([{ op: 'replace', path: 'active', value: [false, true] }])).toThrow('must be true or false'));
});
