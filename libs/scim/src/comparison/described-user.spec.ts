import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { attribute } from '../schemas/attribute-definition.js';
import { userSchema } from '../schemas/core-schemas.js';
import { compileResourceSchema } from '../schemas/resource-schema.js';
import { userResourceType } from '../schemas/resource-types.js';
import { userSchemaDefinition } from '../schemas/user-schema.js';
import type { Attributes } from '../values/scim-value.js';
import { describeUser, differingPaths } from './described-user.js';

const enterprise = urns.enterpriseUser;
const held: Attributes = {
  userName: 'bjensen@example.com',
  externalId: '00u1',
  active: true,
  title: 'Guide',
  name: { familyName: 'Jensen', givenName: 'Barbara' },
  emails: [
    { value: 'b@work.example', type: 'work', primary: true },
    { value: 'b@home.example', type: 'home' },
  ],
  [enterprise]: { department: 'Sales', manager: { value: 'm1', $ref: '../Users/m1' } },
};
const paths = (document: object, user: Attributes = held) => differingPaths(describeUser(document, userSchema), user);
const refusal = (document: unknown): string => {
  try {
    describeUser(document, userSchema);
  } catch (error) {
    if (error instanceof ScimError) return error.detail;
    throw error;
  }
  throw new Error('The description was taken.');
};

describe('F26 a user as another directory describes it', () => {
  it('says nothing of the attributes that it leaves out', () =>
    expect(paths({ userName: 'bjensen@example.com' })).toEqual([]));

  it('may be what the service itself answers', () =>
    expect(
      paths({ ...held, schemas: [urns.user], id: '1', meta: { resourceType: 'User' }, groups: [{ value: 'g' }] }),
    ).toEqual([]));

  it('is compared without case where the schema knows none, userName as it is unique', () => {
    expect(paths({ userName: 'BJensen@Example.COM', title: 'GUIDE', name: { familyName: 'JENSEN' } })).toEqual([]);
    expect(paths({ userName: 'ｂjensen@example.com' })).toEqual([]);
    expect(paths({ externalId: '00U1' })).toEqual(['externalId']);
  });

  it('names what differs by its path, parts of a complex attribute by their own', () =>
    expect(
      paths({
        title: 'Chief',
        name: { givenName: 'Babs' },
        nickName: 'Babs',
        [enterprise]: { department: 'Tours', manager: 'm2', costCenter: null },
      }),
    ).toEqual(['title', 'name.givenName', 'nickName', `${enterprise}:department`, `${enterprise}:manager.value`]));

  it('says with null that there is no value', () => {
    expect(paths({ title: null, nickName: '' })).toEqual(['title']);
    expect(paths({ name: null, emails: [] })).toEqual(['name', 'emails']);
    expect(paths({ name: { familyName: null, middleName: null } })).toEqual(['name.familyName']);
  });

  it('holds many values in any order, each as often as it likes; a primary of false is none', () => {
    const [work, home] = held['emails'] as readonly Attributes[];
    expect(paths({ emails: [{ ...home, primary: false }, work, { ...home, value: 'B@home.example' }] })).toEqual([]);
    expect(paths({ emails: [work] })).toEqual(['emails']);
    expect(paths({ emails: [{ ...work, primary: false }, home] })).toEqual(['emails']);
  });

  it('is active unless it says otherwise', () => {
    const inactive = { ...held, active: false };
    expect([paths({}, inactive), paths({ active: null }, inactive)]).toEqual([['active'], ['active']]);
    expect(paths({ active: false })).toEqual(['active']);
    expect(paths({ active: 'False' }, inactive)).toEqual([]);
  });

  it('takes addresses, passwords and what the schema does not know for nothing', () =>
    expect(
      paths({
        password: 'x',
        shoeSize: 44,
        'urn:unknown': {},
        [enterprise]: { size: 1, manager: { value: 'm1', $ref: 'u' } },
      }),
    ).toEqual([]));

  it('compares times as moments', () => {
    const hired = attribute('hired', 'When it began.', { type: 'dateTime' });
    const definition = { ...userSchemaDefinition, attributes: [...userSchemaDefinition.attributes, hired] };
    const schema = compileResourceSchema({ ...userResourceType, schemaExtensions: [] }, [definition]);
    const described = (time: string) => describeUser({ hired: time }, schema);
    const user = { active: true, hired: '2026-01-31T08:00:00Z' };
    expect(differingPaths(described('2026-01-31T09:00:00.000+01:00'), user)).toEqual([]);
    expect(differingPaths(described('2026-01-31T09:00:00Z'), user)).toEqual(['hired']);
  });

  it('is refused when it cannot be a user, without repeating what it says', () => {
    expect(refusal([])).toBe('A user must be a JSON object with its attributes.');
    expect(refusal({ title: 7 })).toBe('"title" must be a string.');
    expect(refusal({ title: 'a', Title: 'b' })).toBe('"title" is given more than once.');
    expect(refusal({ [enterprise]: 'x' })).toContain('must be an object');
    expect(refusal({ userName: 'a\0' })).toContain('cannot be stored');
  });
});
