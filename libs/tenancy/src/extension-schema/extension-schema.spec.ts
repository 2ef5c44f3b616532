import { describe, expect, it } from '@jest/globals';
import { compileResourceSchema, userResourceType, userSchemaDefinition, enterpriseUserSchemaDefinition } from '#scim';
import { specify } from '#testing';
import { extensionSchemaDecider, type ExtensionSchemaCommand, type ExtensionSchemaEvent } from './extension-schema.js';
import { parseSchemaDocument } from './schema-document.js';

const extension = specify(extensionSchemaDecider);
const urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
const shift = { name: 'shift', type: 'string' };
const document = (attributes: readonly object[] = [shift], more: object = {}) => ({ id: urn, attributes, ...more });
const register = (sent: Record<string, unknown>, name = urn): ExtensionSchemaCommand => ({
  type: 'RegisterExtensionSchema',
  data: { urn: name, document: sent },
});
const registered = (sent: Record<string, unknown>, name = urn): ExtensionSchemaEvent => {
  const { schema, required } = parseSchemaDocument(name, sent);
  const resourceType = name.endsWith('Group') ? 'Group' : 'User';
  return { type: 'ExtensionSchemaRegistered', data: { urn: name, resourceType, required, schema } };
};
const remove: ExtensionSchemaCommand = { type: 'RemoveExtensionSchema', data: { urn } };
const removed: ExtensionSchemaEvent = { type: 'ExtensionSchemaRemoved', data: { urn } };

describe('R124 a schema is registered', () => {
  it('R34 with every characteristic that the document leaves out', () =>
    extension
      .given()
      .when(register({ attributes: [{ name: 'shift' }] }))
      .then({
        type: 'ExtensionSchemaRegistered',
        data: {
          urn,
          resourceType: 'User',
          required: false,
          schema: {
            id: urn,
            name: urn,
            description: '',
            attributes: [
              {
                name: 'shift',
                type: 'string',
                multiValued: false,
                description: '',
                required: false,
                caseExact: false,
                mutability: 'readWrite',
                returned: 'default',
                uniqueness: 'none',
              },
            ],
          },
        },
      }));

  it.each([
    ['urn:ietf:params:scim:schemas:extension:acme:2.0:Group', {}, 'Group'],
    ['urn:ietf:params:scim:schemas:extension:acme:2.0:user', {}, 'User'],
    ['urn:acme:badges', {}, 'User'],
    ['urn:acme:badges', { resourceType: 'Group' }, 'Group'],
  ])('%s %j extends %s', (name, more, resourceType) => {
    const { schema } = parseSchemaDocument(name, { attributes: [shift], ...more });
    extension
      .given()
      .when(register({ attributes: [shift], ...more }, name))
      .then({
        type: 'ExtensionSchemaRegistered',
        data: { urn: name, resourceType: resourceType as 'User' | 'Group', required: false, schema },
      });
  });

  it('again as it is: nothing changed', () =>
    extension.given(registered(document())).when(register(document())).thenNothing());

  it('with what a read of it answered', () => {
    const { schema, required } = parseSchemaDocument(urn, document([shift], { required: true }));
    const answered = {
      schemas: ['urn:x'],
      ...schema,
      resourceType: 'User',
      required,
      meta: { resourceType: 'Schema' },
    };
    extension
      .given(registered(document([shift], { required: true })))
      .when(register(answered))
      .thenNothing();
  });

  it('so that it compiles beside the core schemas', () => {
    const { schema } = parseSchemaDocument(urn, document());
    const type = { ...userResourceType, schemaExtensions: [{ schema: urn, required: false }] };
    const compiled = compileResourceSchema(type, [userSchemaDefinition, enterpriseUserSchemaDefinition, schema]);
    expect(compiled.extensions.get(urn.toLowerCase())?.attributes.has('shift')).toBe(true);
  });
});

describe('a schema document is refused', () => {
  it.each<[string, Record<string, unknown>]>([
    ['without attributes', { id: urn }],
    ['with none in the list', document([])],
    ['with another id', { ...document(), id: 'urn:other:one' }],
    ['with an unknown member', document([shift], { attribute: [] })],
    ['with an unknown characteristic', document([{ ...shift, multivalued: true }])],
    ['with an attribute that is no object', document(['shift' as unknown as object])],
    ['R35 with a name that paths cannot hold', document([{ name: 'shift plan' }])],
    ['R35 with a name that begins with a digit', document([{ name: '1st' }])],
    ['with $ref outside a complex attribute', document([{ name: '$ref', type: 'reference' }])],
    ['with a name twice, but for its case', document([shift, { name: 'Shift' }])],
    ['with a type in the wrong case', document([{ name: 'shift', type: 'String' }])],
    ['with an unknown type', document([{ name: 'shift', type: 'number' }])],
    ['with a complex attribute without parts', document([{ name: 'badge', type: 'complex' }])],
    ['with parts of a simple attribute', document([{ ...shift, subAttributes: [shift] }])],
    [
      'R28 with a complex attribute in a complex one',
      document([
        { name: 'a', type: 'complex', subAttributes: [{ name: 'b', type: 'complex', subAttributes: [shift] }] },
      ]),
    ],
    ['with a flag that is none', document([{ ...shift, required: 'true' }])],
    ['with null', document([{ ...shift, description: null }])],
    ['with an attribute nobody could fill', document([{ ...shift, mutability: 'readOnly' }])],
    ['with an attribute nobody could read', document([{ ...shift, mutability: 'writeOnly' }])],
    ['X21 with an attribute kept from answers only', document([{ ...shift, returned: 'never' }])],
    ['with a uniqueness that nothing watches', document([{ ...shift, uniqueness: 'server' }])],
    ['with referenceTypes of a string', document([{ ...shift, referenceTypes: ['User'] }])],
    ['for a resource type that cannot be extended', document([shift], { resourceType: 'Device' })],
    ['with too many attributes', document(Array.from({ length: 201 }, (_, i) => ({ name: `a${i}` })))],
    ['when it is too large', document([{ ...shift, canonicalValues: Array<string>(200).fill('x'.repeat(999)) }])],
  ])('%s', (_, sent) => extension.given().when(register(sent)).thenRefused('schema-invalid'));

  it('and the refusal names the place', () => {
    const badge = { name: 'badge', type: 'complex', subAttributes: [{ name: 'number', type: 'int' }] };
    expect(() => parseSchemaDocument(urn, document([shift, badge]))).toThrow(
      '"attributes[1].subAttributes[0].type": must be one of string, boolean',
    );
  });
});

describe('a schema changes as far as stored values allow', () => {
  const more = document([shift, { name: 'badge', type: 'integer' }]);

  it('attributes are added and taken away', () => {
    extension.given(registered(document())).when(register(more)).then(registered(more));
    extension.given(registered(more)).when(register(document())).then(registered(document()));
  });

  it.each([
    ['another type', { name: 'shift', type: 'integer' }],
    ['several values', { name: 'shift', multiValued: true }],
    ['another spelling, under which no value stands', { name: 'SHIFT' }],
    ['parts', { name: 'shift', type: 'complex', subAttributes: [{ name: 'value' }] }],
  ])('an attribute does not get %s', (_, attribute) =>
    extension
      .given(registered(document()))
      .when(register(document([attribute])))
      .thenRefused('schema-incompatible'),
  );

  it('nor does a part of a complex attribute', () => {
    const locker = (type: string) =>
      document([{ name: 'locker', type: 'complex', subAttributes: [{ name: 'room', type }] }]);
    extension
      .given(registered(locker('string')))
      .when(register(locker('integer')))
      .thenRefused('schema-incompatible');
  });

  it('nor does it come back as something else, after the attribute or the schema was taken away', () => {
    const other = register(document([shift, { name: 'badge', type: 'string' }]));
    extension.given(registered(more), registered(document())).when(other).thenRefused('schema-incompatible');
    extension.given(registered(more), removed).when(other).thenRefused('schema-incompatible');
  });

  it('users and groups are not swapped', () =>
    extension
      .given(registered(document()))
      .when(register(document([shift], { resourceType: 'Group' })))
      .thenRefused('schema-incompatible'));

  it('its URN keeps the spelling under which values stand', () =>
    extension
      .given(registered(document()), removed)
      .when(register({ attributes: [shift] }, urn.toUpperCase()))
      .then(registered(document())));
});

describe('removing', () => {
  it('is one fact', () => extension.given(registered(document())).when(remove).then(removed));
  it.each([
    ['never was', []],
    ['is gone', [registered(document()), removed]],
  ])('a schema that %s is refused', (_, past) =>
    extension
      .given(...past)
      .when(remove)
      .thenRefused('schema-not-found'),
  );
});
