import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { attribute } from '../schemas/attribute-definition.js';
import { groupSchema, userSchema } from '../schemas/core-schemas.js';
import { compileResourceSchema } from '../schemas/resource-schema.js';
import { userResourceType } from '../schemas/resource-types.js';
import { userSchemaDefinition } from '../schemas/user-schema.js';
import { keepImmutable } from './immutable.js';
import { parseGroup, parseResource, parseUser } from './resource-body.js';

const enterprise = urns.enterpriseUser;
const schemas = [urns.user];
const user = (body: object) => parseUser({ schemas, userName: 'bjensen', ...body }, userSchema);
const attributes = (body: object) => user(body).attributes;

const refusal = (act: () => unknown): Pick<ScimError, 'status' | 'scimType' | 'detail'> => {
  try {
    act();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('The body was accepted.');
};

describe('RFC 7644 §3.3 and §3.5.1: the body of POST and PUT', () => {
  it('keeps what a client may write, and active apart', () =>
    expect(
      user({
        externalId: '00u1',
        name: { givenName: 'Barbara' },
        emails: [{ value: 'b@x.example', type: 'work', primary: true }],
        active: false,
        [enterprise]: { department: 'Sales', manager: { value: 'm' } },
      }),
    ).toEqual({
      attributes: {
        userName: 'bjensen',
        externalId: '00u1',
        name: { givenName: 'Barbara' },
        emails: [{ value: 'b@x.example', type: 'work', primary: true }],
        [enterprise]: { department: 'Sales', manager: { value: 'm' } },
      },
      active: false,
    }));

  it('R82 leaves active open when it is not sent', () => expect(user({}).active).toBeUndefined());

  it('R45 R23 R25 R40 ignores what is read-only', () =>
    expect(
      attributes({
        id: 'x',
        meta: { resourceType: 'Group' },
        groups: [{ value: 'g' }],
        [enterprise]: { manager: { value: 'm', displayName: 'Boss' } },
      }),
    ).toEqual({ userName: 'bjensen', [enterprise]: { manager: { value: 'm' } } }));

  it('R38 takes a password and keeps nothing of it', () =>
    expect(attributes({ password: 's3cret' })).toEqual({ userName: 'bjensen' }));

  it.each([null, '', []])('R27 takes %j for unassigned', (nothing) =>
    expect(
      attributes({ title: nothing, active: nothing, name: nothing, emails: nothing, [enterprise]: nothing }),
    ).toEqual({
      userName: 'bjensen',
    }),
  );

  it('R27 drops empty parts until nothing is left', () =>
    expect(
      attributes({
        name: { givenName: '', familyName: null },
        emails: [{ value: '', type: 'work', primary: true }, null, {}],
        [enterprise]: { department: '', manager: { managerId: '', displayName: '' } },
      }),
    ).toEqual({ userName: 'bjensen' }));

  it('R35 takes names and URNs in any case and keeps those of the schema', () =>
    expect(
      parseResource(
        {
          SCHEMAS: schemas,
          USERNAME: 'a',
          Name: { GIVENNAME: 'B' },
          [enterprise.toUpperCase()]: { Department: 'Sales' },
          [`${urns.user}:nickName`]: 'N',
          [`${enterprise}:costCenter`]: '7',
        },
        userSchema,
      ),
    ).toEqual({
      userName: 'a',
      name: { givenName: 'B' },
      nickName: 'N',
      [enterprise]: { department: 'Sales', costCenter: '7' },
    }));

  it('refuses the same attribute twice', () => {
    expect(refusal(() => attributes({ USERNAME: 'b' })).scimType).toBe('invalidSyntax');
    expect(refusal(() => attributes({ name: { givenName: 'a', GivenName: 'b' } })).scimType).toBe('invalidSyntax');
  });

  it('ignores unknown attributes and schemas', () => {
    const foreign = 'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group';
    const body = { schemas: [...schemas, foreign], userName: 'a', shoeSize: 12, [foreign]: { x: 1 } };
    expect(parseResource(body, userSchema)).toEqual({ userName: 'a' });
    expect(
      parseResource(JSON.parse('{"schemas":["urn:x"],"userName":"a","__proto__":{"active":false}}'), userSchema),
    ).toEqual({
      userName: 'a',
    });
  });

  it.each([
    ['an unknown attribute', { schemas, userName: 'a', shoeSize: 12 }],
    ['an unknown sub-attribute', { schemas, userName: 'a', name: { nick: 'b' } }],
    ['an unknown attribute of an extension', { schemas, userName: 'a', [enterprise]: { x: 1 } }],
    ['an unknown schema', { schemas: [...schemas, 'urn:x:y'], userName: 'a' }],
    ['a missing base schema', { schemas: [enterprise], userName: 'a' }],
  ])('X14 refuses %s when strict', (_, body) => {
    expect(refusal(() => parseResource(body, userSchema, { strict: true })).scimType).toBe('invalidSyntax');
    expect(parseResource(body, userSchema)).toHaveProperty('userName');
  });

  it('C-N1 takes the schema URN of SCIM 1', () =>
    expect(parseResource({ schemas: ['urn:scim:schemas:core:1.0'], userName: 'a' }, userSchema)).toEqual({
      userName: 'a',
    }));

  it.each([
    ['a list', []],
    ['text', 'x'],
    ['null', null],
    ['nothing', undefined],
    ['no schemas', { userName: 'a' }],
    ['empty schemas', { schemas: [], userName: 'a' }],
    ['schemas that are no texts', { schemas: [7], userName: 'a' }],
  ])('R48 refuses %s as invalidSyntax', (_, body) =>
    expect(refusal(() => parseResource(body, userSchema))).toMatchObject({ status: 400, scimType: 'invalidSyntax' }),
  );

  it.each([
    ['userName missing', { userName: undefined }],
    ['userName empty', { userName: '' }],
    ['userName null', { userName: null }],
    ['a number for a string', { title: 7 }],
    ['an object for a string', { title: { a: 1 } }],
    ['a word for a boolean', { active: 'yes' }],
    ['a string for a complex attribute without value', { name: 'Barbara' }],
    ['a number among e-mails', { emails: [7] }],
    ['complex inside complex', { name: { givenName: { a: 'b' } } }],
    [
      'two primary e-mails',
      {
        emails: [
          { value: 'a', primary: true },
          { value: 'b', primary: 'True' },
        ],
      },
    ],
    ['a certificate that is no base64', { x509Certificates: [{ value: 'ä' }] }],
    ['a string for an extension', { [enterprise]: 'x' }],
    ['U+0000', { title: 'a\0b' }],
    ['half a surrogate pair', { title: 'a\ud800b' }],
    ['a text too long', { title: 'x'.repeat(131_073) }],
    ['too many values', { emails: Array.from({ length: 1_001 }, (_, n) => ({ value: `${n}` })) }],
  ])('R28 R48 refuses %s as invalidValue', (_, body) =>
    expect(refusal(() => user(body))).toMatchObject({ status: 400, scimType: 'invalidValue' }),
  );

  it('tells the attribute but never the value', () => {
    const { detail } = refusal(() => user({ active: 'secret' }));
    expect(detail).toBe('"active" must be true or false.');
  });

  it('R31 drops a value given twice, keeps the same value of another type', () =>
    expect(
      attributes({
        emails: [
          { value: 'a', type: 'work' },
          { type: 'work', value: 'a' },
          { value: 'a', type: 'home' },
        ],
      })['emails'],
    ).toEqual([
      { value: 'a', type: 'work' },
      { value: 'a', type: 'home' },
    ]));

  it('R36 accepts other than the canonical values', () =>
    expect(attributes({ emails: [{ value: 'a', type: 'random' }] })['emails']).toEqual([
      { value: 'a', type: 'random' },
    ]));

  it('R4 leaves text byte for byte', () => {
    const text = "Å\u0041\u030a 日本 😀 O'Malley\t";
    expect(attributes({ displayName: text })['displayName']).toBe(text);
  });
});

describe('bodies that clients really send', () => {
  it.each(['True', 'true', 'TRUE', true])('C-E5 active as %j', (active) => expect(user({ active }).active).toBe(true));

  it('C-N1 e-mails as one object (OneLogin)', () =>
    expect(attributes({ emails: { value: 'e@x.example', type: 'work', primary: true } })['emails']).toEqual([
      { value: 'e@x.example', type: 'work', primary: true },
    ]));

  it.each(['m', { value: 'm' }, [{ value: 'm' }], { managerId: 'm', displayName: '' }])(
    'C-E8 the manager as %j',
    (manager) => expect(attributes({ [enterprise]: { manager } })[enterprise]).toEqual({ manager: { value: 'm' } }),
  );

  it('C-O6 what a GET answered, sent back by PUT (Okta)', () => {
    const got = { id: '1', meta: { version: 'W/"1"', location: 'x' }, groups: [], active: false, title: 'T' };
    expect(user(got)).toEqual({ attributes: { userName: 'bjensen', title: 'T' }, active: false });
  });

  it('C-E10 a role with JSON text as its value', () =>
    expect(attributes({ roles: [{ value: '{"id":"1"}' }] })['roles']).toEqual([{ value: '{"id":"1"}' }]));
});

describe('groups', () => {
  const group = (body: object) => parseGroup({ schemas: [urns.group], ...body }, groupSchema);

  it('come with their members apart', () =>
    expect(
      group({
        displayName: 'Tour Guides',
        members: [{ value: 'a', display: 'A', $ref: 'x', type: 'User' }, { value: 'b' }],
      }),
    ).toEqual({
      attributes: { displayName: 'Tour Guides' },
      members: [{ value: 'a', type: 'User' }, { value: 'b' }],
    }));

  it.each([
    [{}, undefined],
    [{ members: [] }, []],
    [{ members: null }, []],
    [{ [`${urns.group}:members`]: [{ value: 'a' }] }, [{ value: 'a' }]],
  ])('tell members not sent from none: %j', (body, expected) =>
    expect(group({ displayName: 'D', ...body }).members).toEqual(expected),
  );

  it('may have more members than an attribute may have values', () =>
    expect(
      group({ displayName: 'D', members: Array.from({ length: 5_000 }, (_, n) => ({ value: `${n}` })) }).members,
    ).toHaveLength(5_000));

  it('R41 need a displayName', () => expect(refusal(() => group({})).scimType).toBe('invalidValue'));

  it('C-O5 need no other schema than they say (Entra names one of its own)', () =>
    expect(
      parseGroup({ schemas: [urns.group, 'http://schemas.microsoft.com/x'], displayName: 'D' }, groupSchema).attributes,
    ).toEqual({
      displayName: 'D',
    }));
});

describe('a custom schema', () => {
  const urn = 'urn:example:acme:2.0:Badge';
  const schema = compileResourceSchema({ ...userResourceType, schemaExtensions: [{ schema: urn, required: true }] }, [
    userSchemaDefinition,
    {
      id: urn,
      name: 'Badge',
      description: 'Badge',
      attributes: [
        attribute('number', 'Number', { mutability: 'immutable', type: 'integer' }),
        attribute('since', 'Since', { type: 'dateTime' }),
        attribute('ratio', 'Ratio', { type: 'decimal' }),
        attribute('doors', 'Doors', { multiValued: true }),
        attribute('pin', 'Pin', { mutability: 'writeOnly', returned: 'never', required: true }),
      ],
    },
  ]);
  const badge = (value: unknown) =>
    parseResource({ schemas: [urns.user, urn], userName: 'a', [urn]: value }, schema)[urn];

  it('R28 takes each type', () =>
    expect(
      badge({ number: 7, since: '2026-01-31T08:00:00Z', ratio: 0.5, doors: ['A', 'B', 'A', ''], pin: '1' }),
    ).toEqual({
      number: 7,
      since: '2026-01-31T08:00:00Z',
      ratio: 0.5,
      doors: ['A', 'B'],
    }));

  it.each([
    { number: 7.5 },
    { number: '7' },
    { since: '2026-01-31' },
    { since: '2026-02-30T08:00:00Z' },
    { ratio: '0.5' },
    { doors: [{}] },
  ])('R28 refuses %j', (value) => expect(refusal(() => badge(value)).scimType).toBe('invalidValue'));

  it('R43 must be there when it is required', () =>
    expect(refusal(() => badge(undefined)).detail).toBe(`"${urn}" is required.`));

  it('R81 keeps an immutable attribute that a PUT leaves out or repeats, refuses another value', () => {
    const before = { userName: 'a', [urn]: { number: 7, ratio: 1 } };
    expect(keepImmutable(before, { userName: 'b', [urn]: { ratio: 2 } }, schema)).toEqual({
      userName: 'b',
      [urn]: { number: 7, ratio: 2 },
    });
    expect(keepImmutable(before, { userName: 'b' }, schema)).toEqual({ userName: 'b', [urn]: { number: 7 } });
    expect(keepImmutable(before, { userName: 'b', [urn]: { number: 7 } }, schema)).toEqual({
      userName: 'b',
      [urn]: { number: 7 },
    });
    expect(refusal(() => keepImmutable(before, { userName: 'b', [urn]: { number: 8 } }, schema)).scimType).toBe(
      'mutability',
    );
    expect(keepImmutable({ userName: 'a' }, { userName: 'b', [urn]: { number: 8 } }, schema)).toEqual({
      userName: 'b',
      [urn]: { number: 8 },
    });
  });
});
