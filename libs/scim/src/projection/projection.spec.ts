import { describe, expect, it } from '@jest/globals';
import { urns } from '../messages/urns.js';
import { attribute, complex } from '../schemas/attribute-definition.js';
import { groupSchema, userSchema } from '../schemas/core-schemas.js';
import { compileResourceSchema } from '../schemas/resource-schema.js';
import { userResourceType } from '../schemas/resource-types.js';
import { userSchemaDefinition } from '../schemas/user-schema.js';
import { parseProjection, project } from './projection.js';
import type { ProjectionParameters } from './projection.js';
import { buildResource } from './resource.js';

const enterprise = urns.enterpriseUser;
const meta = {
  created: '2026-01-31T08:00:00.000Z',
  lastModified: '2026-01-31T08:00:00.000Z',
  location: 'https://x.example/Users/1',
  version: 'W/"1"',
};
const babs = buildResource({
  schema: userSchema,
  id: '1',
  meta,
  attributes: {
    [enterprise]: { department: 'Sales', manager: { value: 'm' } },
    emails: [{ value: 'a', type: 'work' }, { value: 'b' }],
    name: { givenName: 'B', familyName: 'J' },
    userName: 'bjensen',
  },
  derived: { active: true, groups: [{ value: 'g' }] },
});

const shown = (parameters: ProjectionParameters) => project(babs, parseProjection(parameters, userSchema));
const always = { schemas: [urns.user], id: '1' };

describe('RFC 7643 §3: the outward form of a resource', () => {
  it('has a stable order: schemas, id, attributes as in their schema, extensions, meta', () =>
    expect(Object.keys(babs)).toEqual([
      'schemas',
      'id',
      'userName',
      'name',
      'active',
      'emails',
      'groups',
      enterprise,
      'meta',
    ]));

  it('R21 names an extension in schemas exactly when there is data of it', () => {
    expect(babs['schemas']).toEqual([urns.user, enterprise]);
    expect(buildResource({ schema: userSchema, id: '1', meta, attributes: { userName: 'a' } })['schemas']).toEqual([
      urns.user,
    ]);
  });

  it('R25 carries meta with the resource type', () => expect(babs['meta']).toEqual({ resourceType: 'User', ...meta }));

  it('shows nothing that the schema does not know', () =>
    expect(
      buildResource({
        schema: groupSchema,
        id: '1',
        meta,
        attributes: { displayName: 'D', gone: 'x', 'urn:gone': { a: 1 } },
      }),
    ).toEqual({
      schemas: [urns.group],
      id: '1',
      displayName: 'D',
      meta: { resourceType: 'Group', ...meta },
    }));
});

describe('RFC 7644 §3.4.2.5: attributes and excludedAttributes', () => {
  it('R77 without either everything is shown', () => expect(shown({})).toEqual(babs));

  it.each([
    ['userName', { ...always, userName: 'bjensen' }],
    ['USERNAME , id', { ...always, userName: 'bjensen' }],
    ['name.givenName', { ...always, name: { givenName: 'B' } }],
    ['emails.value', { ...always, emails: [{ value: 'a' }, { value: 'b' }] }],
    ['emails.type', { ...always, emails: [{ type: 'work' }] }],
    ['emails,emails.type', { ...always, emails: babs['emails'] }],
    ['meta.location', { ...always, meta: { location: meta.location } }],
    [`${urns.user}:userName`, { ...always, userName: 'bjensen' }],
    [enterprise, { schemas: [urns.user, enterprise], id: '1', [enterprise]: babs[enterprise] }],
    [`${enterprise}:department`, { schemas: [urns.user, enterprise], id: '1', [enterprise]: { department: 'Sales' } }],
    [
      `${enterprise}:manager.value`,
      { schemas: [urns.user, enterprise], id: '1', [enterprise]: { manager: { value: 'm' } } },
    ],
    ['shoeSize', always],
    ['title', always],
    ['password', always],
  ])('R76 attributes=%s', (attributes, expected) => expect(shown({ attributes })).toEqual(expected));

  it('R76 takes a list too, as in a SearchRequest', () =>
    expect(shown({ attributes: ['userName', 'active'] })).toEqual({ ...always, userName: 'bjensen', active: true }));

  it.each([
    ['emails', ['emails']],
    [`${enterprise},groups,meta`, [enterprise, 'groups', 'meta']],
  ])('R76 excludedAttributes=%s', (excludedAttributes, gone) => {
    const expected = Object.fromEntries(Object.entries(babs).filter(([name]) => !gone.includes(name)));
    const schemas = gone.includes(enterprise) ? [urns.user] : babs['schemas'];
    expect(shown({ excludedAttributes })).toEqual({ ...expected, schemas });
  });

  it('R76 excludes single sub-attributes', () =>
    expect(shown({ excludedAttributes: `emails.type,name.familyName,${enterprise}:manager.value` })).toMatchObject({
      emails: [{ value: 'a' }, { value: 'b' }],
      name: { givenName: 'B' },
      [enterprise]: { department: 'Sales' },
    }));

  it('R76 never excludes what is always returned', () =>
    expect(shown({ excludedAttributes: 'id,schemas' })).toEqual(babs));

  it('R76 refuses both at once', () =>
    expect(() => shown({ attributes: 'userName', excludedAttributes: 'name' })).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidValue' }),
    ));

  it('takes empty parameters for none', () =>
    expect(shown({ attributes: '', excludedAttributes: ' , ' })).toEqual(babs));

  it('R78 tells what need not be read', () => {
    const excludes = (parameters: ProjectionParameters) => parseProjection(parameters, groupSchema).excludes('members');
    expect(excludes({})).toBe(false);
    expect(excludes({ excludedAttributes: 'Members' })).toBe(true);
    expect(excludes({ excludedAttributes: 'members.display' })).toBe(false);
    expect(excludes({ attributes: 'displayName' })).toBe(true);
    expect(excludes({ attributes: 'members.value' })).toBe(false);
    expect(excludes({ attributes: `${urns.group}:members` })).toBe(false);
  });

  it('R77 obeys returned: request only when named, never not at all, always in any case', () => {
    const urn = 'urn:example:acme:2.0:Badge';
    const schema = compileResourceSchema(
      { ...userResourceType, schemaExtensions: [{ schema: urn, required: false }] },
      [
        userSchemaDefinition,
        {
          id: urn,
          name: 'Badge',
          description: 'Badge',
          attributes: [
            attribute('photo', 'Photo', { returned: 'request' }),
            attribute('pin', 'Pin', { returned: 'never' }),
            attribute('number', 'Number', { returned: 'always' }),
            complex('door', 'Door', [
              attribute('name', 'Name', { returned: 'always' }),
              attribute('code', 'Code', { returned: 'never' }),
              attribute('map', 'Map', { returned: 'request' }),
              attribute('note', 'Note'),
            ]),
          ],
        },
      ],
    );
    const badge = { photo: 'p', pin: '1', number: '7', door: { name: 'A', code: '9', map: 'm', note: 'n' } };
    const resource = buildResource({ schema, id: '1', meta, attributes: { userName: 'a', [urn]: badge } });
    const of = (parameters: ProjectionParameters) => project(resource, parseProjection(parameters, schema))[urn];
    expect(of({})).toEqual({ number: '7', door: { name: 'A', note: 'n' } });
    expect(of({ attributes: 'userName' })).toEqual({ number: '7' });
    expect(of({ attributes: `${urn}:photo,${urn}:pin` })).toEqual({ photo: 'p', number: '7' });
    expect(of({ attributes: `${urn}:door.map` })).toEqual({ number: '7', door: { name: 'A', map: 'm' } });
    expect(of({ excludedAttributes: urn })).toEqual({ number: '7' });
    expect(of({ excludedAttributes: `${urn}:door.name,${urn}:door.note` })).toEqual({
      number: '7',
      door: { name: 'A' },
    });
  });
});
