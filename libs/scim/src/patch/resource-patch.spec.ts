import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { userSchema } from '../schemas/core-schemas.js';
import type { Attributes } from '../values/scim-value.js';
import { parsePatchRequest } from './patch-request.js';
import { applyPatch, applyUserPatch } from './resource-patch.js';

const enterprise = urns.enterpriseUser;
const work = { type: 'work', value: 'babs@work.example', primary: true };
const home = { type: 'home', value: 'babs@home.example' };
const babs: Attributes = {
  userName: 'bjensen',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails: [work, home],
  [enterprise]: { department: 'Sales', manager: { value: 'boss-1', $ref: '../Users/boss-1' } },
};

type Operation = Readonly<{ op: string; path?: string; value?: unknown }>;

const patch = (before: Attributes, operations: readonly Operation[], schema = userSchema, strict = false) =>
  applyPatch(before, parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), schema, { strict });

const after = (...operations: readonly Operation[]): Attributes => patch(babs, operations).attributes;

const refusal = (act: () => unknown): Pick<ScimError, 'status' | 'scimType' | 'detail'> => {
  try {
    act();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('The operations were accepted.');
};

const refused = (...operations: readonly Operation[]) => refusal(() => patch(babs, operations)).scimType;

describe('RFC 7644 §3.5.2.1: add', () => {
  it('R90 without a path merges attributes', () =>
    expect(
      after({ op: 'add', value: { title: 'Boss', name: { middleName: 'J' }, emails: [{ value: 'b@x.example' }] } }),
    ).toEqual({
      ...babs,
      title: 'Boss',
      name: { givenName: 'Barbara', familyName: 'Jensen', middleName: 'J' },
      emails: [work, home, { value: 'b@x.example' }],
    }));

  it('R90 replaces a single value', () =>
    expect(after({ op: 'add', path: 'userName', value: 'babs' })['userName']).toBe('babs'));

  it.each([
    ['the same element', work],
    ['the element in another order of its attributes', { value: work.value, primary: true, type: 'work' }],
    ['a part of the element', { value: work.value }],
    ['the element in another case', { value: 'BABS@work.example', type: 'Work' }],
    ['a list with it', [home, work]],
  ])('R91 of %s changes nothing', (_, value) => {
    const result = patch(babs, [{ op: 'add', path: 'emails', value }]);
    expect(result).toEqual({ attributes: babs, changed: false });
    expect(result.attributes).toBe(babs);
  });

  it('R31 of a value that is there with that type completes it', () =>
    expect(after({ op: 'add', path: 'emails', value: [{ ...home, display: 'Home' }] })['emails']).toEqual([
      work,
      { ...home, display: 'Home' },
    ]));

  it.each(['other', 'home'])('R31 keeps the same value under another type: %s', (type) =>
    expect(after({ op: 'add', path: 'emails', value: [{ value: work.value, type }] })['emails']).toEqual([
      work,
      home,
      { value: work.value, type },
    ]),
  );

  it('R97 of a primary value makes the others secondary', () =>
    expect(after({ op: 'add', path: 'emails', value: [{ value: 'new@x.example', primary: true }] })['emails']).toEqual([
      { ...work, primary: false },
      home,
      { value: 'new@x.example', primary: true },
    ]));

  it('R97 of two primary values is refused', () =>
    expect(
      refused({
        op: 'add',
        path: 'emails',
        value: [
          { value: 'a', primary: true },
          { value: 'b', primary: true },
        ],
      }),
    ).toBe('invalidValue'));

  it('R98 of an extension attribute makes its container', () =>
    expect(patch({ userName: 'a' }, [{ op: 'add', path: `${enterprise}:costCenter`, value: '7' }]).attributes).toEqual({
      userName: 'a',
      [enterprise]: { costCenter: '7' },
    }));
});

describe('RFC 7644 §3.5.2.3: replace', () => {
  it('R92 without a path sets the attributes named and leaves the others', () =>
    expect(after({ op: 'replace', value: { userName: 'x', emails: [home] } })).toEqual({
      ...babs,
      userName: 'x',
      emails: [home],
    }));

  it('R92 of a complex attribute leaves the sub-attributes not named', () =>
    expect(after({ op: 'replace', path: 'name', value: { familyName: 'King' } })['name']).toEqual({
      givenName: 'Barbara',
      familyName: 'King',
    }));

  it('R92 of what is not there adds it', () =>
    expect(after({ op: 'replace', path: 'title', value: 'Boss' })['title']).toBe('Boss'));

  it('R93 with a filter that matches nothing is refused', () =>
    expect(refused({ op: 'replace', path: 'emails[type eq "other"]', value: { value: 'x' } })).toBe('noTarget'));

  it('R94 changes all values that match', () =>
    expect(after({ op: 'replace', path: 'emails[value pr].display', value: 'B' })['emails']).toEqual([
      { ...work, display: 'B' },
      { ...home, display: 'B' },
    ]));

  it('R94 without a sub-attribute replaces the whole value', () =>
    expect(
      after({ op: 'replace', path: 'emails[type eq "home"]', value: { type: 'other', value: 'o@x.example' } })[
        'emails'
      ],
    ).toEqual([work, { type: 'other', value: 'o@x.example' }]));

  it('R94 without a sub-attribute keeps nothing of the former value', () =>
    expect(
      after({ op: 'replace', path: 'emails[type eq "home"]', value: { value: 'new@x.example' } })['emails'],
    ).toEqual([work, { value: 'new@x.example' }]));

  it('R90 add completes the values that match', () =>
    expect(after({ op: 'add', path: 'emails[type eq "home"]', value: { display: 'H' } })['emails']).toEqual([
      work,
      { ...home, display: 'H' },
    ]));

  it('R31 keeps one of values given twice, or made alike', () => {
    expect(after({ op: 'replace', path: 'emails', value: [home, home] })['emails']).toEqual([home]);
    expect(after({ op: 'replace', path: 'emails[value pr]', value: home })['emails']).toEqual([home]);
  });

  it('R97 of primary makes the others secondary', () =>
    expect(after({ op: 'replace', path: 'emails[type eq "home"].primary', value: true })['emails']).toEqual([
      { ...work, primary: false },
      { ...home, primary: true },
    ]));

  it('R31 of a list by the same values in another order changes nothing', () =>
    expect(patch(babs, [{ op: 'replace', path: 'emails', value: [home, work] }]).changed).toBe(false));

  it('sets a sub-attribute of every value where the path has no filter', () =>
    expect(after({ op: 'replace', path: 'emails.display', value: 'B' })['emails']).toEqual([
      { ...work, display: 'B' },
      { ...home, display: 'B' },
    ]));

  it('drops the reference to a former manager', () =>
    expect(after({ op: 'replace', path: `${enterprise}:manager`, value: { value: 'boss-2' } })[enterprise]).toEqual({
      department: 'Sales',
      manager: { value: 'boss-2' },
    }));
});

describe('RFC 7644 §3.5.2.2: remove', () => {
  it('R86 without a path is refused', () => expect(refused({ op: 'remove' })).toBe('noTarget'));

  it('R86 without a path but with a value is refused', () =>
    expect(refused({ op: 'Remove', value: { displayName: 'x' } })).toBe('noTarget'));

  it('R95 empties a multi-valued attribute', () =>
    expect(after({ op: 'remove', path: 'emails' })).not.toHaveProperty('emails'));

  it('R95 drops the values that match, and the attribute with the last one', () => {
    expect(after({ op: 'remove', path: 'emails[type eq "home"]' })['emails']).toEqual([work]);
    expect(after({ op: 'remove', path: 'emails[type eq "home" or type eq "work"]' })).not.toHaveProperty('emails');
  });

  it('R95 of a sub-attribute leaves the rest of the value', () =>
    expect(after({ op: 'remove', path: 'emails[type eq "work"].primary' })['emails']).toEqual([
      { type: 'work', value: work.value },
      home,
    ]));

  it('drops a value of which a mere label is left', () =>
    expect(after({ op: 'remove', path: 'emails[type eq "work"].value' })['emails']).toEqual([home]));

  it('R96 of what is not there changes nothing', () => {
    for (const path of ['title', 'emails[type eq "other"]', 'phoneNumbers[type eq "home"].value', 'name.middleName']) {
      expect(patch(babs, [{ op: 'remove', path }]).changed).toBe(false);
    }
  });

  it('R98 of the last attribute of an extension drops its container', () => {
    const twice = after(
      { op: 'remove', path: `${enterprise}:department` },
      { op: 'remove', path: `${enterprise}:manager` },
    );
    expect(twice).not.toHaveProperty([enterprise]);
  });

  it('drops a whole extension by its URN', () =>
    expect(after({ op: 'remove', path: enterprise })).not.toHaveProperty([enterprise]));

  it.each([
    ['remove', undefined],
    ['replace', ''],
    ['replace', null],
    ['add', ''],
  ])('R89 %s a required attribute by %j is refused', (op, value) =>
    expect(refused({ op, path: 'userName', value })).toBe('mutability'),
  );

  it('R89 nor can it be cleared by a value without path', () =>
    expect(refused({ op: 'replace', value: { userName: null } })).toBe('mutability'));
});

describe('RFC 7644 §3.5.2: the request', () => {
  it('R87 applies operations in order, each on the result of the former', () =>
    expect(
      after(
        { op: 'remove', path: 'emails' },
        { op: 'add', path: 'emails', value: [home] },
        { op: 'replace', path: 'emails.type', value: 'other' },
      )['emails'],
    ).toEqual([{ ...home, type: 'other' }]));

  it('R87 changes nothing when a later operation fails, and names it', () => {
    const before = structuredClone(babs);
    const { detail } = refusal(() =>
      patch(babs, [
        { op: 'replace', path: 'title', value: 'Boss' },
        { op: 'add', path: 'active', value: 'perhaps' },
      ]),
    );
    expect(detail).toBe('Operations[1]: "active" must be true or false.');
    expect(babs).toEqual(before);
  });

  it.each(['id', 'meta', 'meta.created', 'groups', 'groups[value eq "x"]', `${enterprise}:manager.displayName`])(
    'R88 refuses the read-only target %s',
    (path) => expect(refused({ op: 'replace', path, value: 'x' })).toBe('mutability'),
  );

  it.each([
    ['an unknown attribute', 'shoeSize', 'invalidPath'],
    ['an unknown attribute of an extension', `${enterprise}:shoeSize`, 'invalidPath'],
    ['an unknown sub-attribute', 'name.nick', 'invalidPath'],
    ['an unknown sub-attribute after a filter', 'emails[type eq "work"].nick', 'invalidPath'],
    ['a filter on an unknown sub-attribute', 'emails[nick eq "work"].value', 'invalidFilter'],
    ['a filter on a simple attribute', 'userName[value eq "x"]', 'invalidPath'],
    ['a filter on an extension', `${enterprise}[value eq "x"]`, 'invalidPath'],
    ['a malformed path', 'emails[type eq "work"]]', 'invalidPath'],
    ['a malformed filter', 'emails[type eq]', 'invalidFilter'],
  ])('R100 refuses %s', (_, path, scimType) => expect(refused({ op: 'replace', path, value: 'x' })).toBe(scimType));

  it('passes over data of a schema that it does not know, as POST does', () => {
    const operation = { op: 'add', path: 'urn:example:other:2.0:User:a', value: 'x' };
    expect(patch(babs, [operation]).changed).toBe(false);
    expect(refusal(() => patch(babs, [operation], userSchema, true)).scimType).toBe('invalidPath');
  });

  it.each([
    ['a number for a string', 'title', 7],
    ['an object for a string', 'title', { a: 1 }],
    ['a word for a boolean', 'active', 'yes'],
    ['a list for a single value', 'title', ['a', 'b']],
    ['two managers', `${enterprise}:manager`, [{ value: 'a' }, { value: 'b' }]],
    ['a string for an extension', enterprise, 'x'],
    ['U+0000', 'title', 'a\0b'],
  ])('R100 refuses %s', (_, path, value) => expect(refused({ op: 'replace', path, value })).toBe('invalidValue'));

  it('R101 that leaves everything as it was says so', () =>
    expect(
      patch(babs, [
        { op: 'replace', path: 'title', value: 'Boss' },
        { op: 'remove', path: 'title' },
      ]),
    ).toEqual({ attributes: babs, changed: false }));

  it('R38 takes a password and keeps nothing of it', () => {
    expect(patch(babs, [{ op: 'replace', path: 'password', value: 'secret' }]).changed).toBe(false);
    expect(patch(babs, [{ op: 'replace', value: { password: 'secret' } }]).changed).toBe(false);
  });

  it('R98 takes no orders about schemas, which follow the data', () => {
    expect(patch(babs, [{ op: 'add', path: 'schemas', value: [enterprise] }]).changed).toBe(false);
    expect(refused({ op: 'remove', path: 'schemas' })).toBe('mutability');
  });

  it('reports nothing of the value in a refusal', () =>
    expect(refusal(() => patch(babs, [{ op: 'replace', path: 'active', value: 'secret' }])).detail).not.toContain(
      'secret',
    ));
});

describe('active, which stands apart', () => {
  const user = { attributes: babs, active: false };
  const change = (...operations: readonly Operation[]) =>
    applyUserPatch(user, parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), userSchema);

  it('is changed without the attributes', () =>
    expect(change({ op: 'replace', path: 'active', value: true })).toEqual({
      attributes: babs,
      active: true,
      changed: true,
    }));

  it('is true again when removed', () => expect(change({ op: 'remove', path: 'active' }).active).toBe(true));

  it('R101 set to what it is, changes nothing', () =>
    expect(change({ op: 'Replace', path: 'active', value: 'False' })).toEqual({ ...user, changed: false }));

  it('R101 removed while true, changes nothing', () => {
    const active = { attributes: babs, active: true };
    const operations = parsePatchRequest({ schemas: [urns.patchOp], Operations: { op: 'remove', path: 'active' } });
    expect(applyUserPatch(active, operations, userSchema)).toEqual({ ...active, changed: false });
  });
});

describe('long lists', () => {
  const roles = (count: number, from = 0) =>
    Array.from({ length: count }, (_, n) => ({ value: `Röle${from + n}`, type: 'app' }));
  const before: Attributes = { userName: 'a', roles: roles(1_000) };

  it('R91 added again, in another case, change nothing', () => {
    const again = roles(1_000).map(({ value }) => ({ value: value.toUpperCase(), type: 'APP' }));
    expect(patch(before, [{ op: 'add', path: 'roles', value: again }]).changed).toBe(false);
  });

  it('are removed by list, those named and no others', () =>
    expect(patch(before, [{ op: 'remove', path: 'roles', value: roles(999, 1) }]).attributes['roles']).toEqual(
      roles(1),
    ));

  it('are refused beyond the limit', () =>
    expect(refusal(() => patch(before, [{ op: 'add', path: 'roles', value: roles(1, 1_000) }])).scimType).toBe(
      'invalidValue',
    ));
});
