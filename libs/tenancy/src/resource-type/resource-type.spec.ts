import { describe, expect, it } from '@jest/globals';
import { specify } from '#testing';
import { controlDecider, type ControlCommand, type ControlEvent } from '../control-stream.js';
import type { CustomResourceType } from './resource-type-document.js';

const control = specify(controlDecider);
const created: ControlEvent = { type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme' } };
const OKTA = 'urn:okta:scim:schemas:core:1.0:Entitlement';
const PERKS = 'urn:acme:perks';
const license = { endpoint: '/Licenses', schema: OKTA };
const register = (document: Record<string, unknown> = license, name = 'License'): ControlCommand => ({
  type: 'RegisterResourceType',
  data: { name, document },
});
const registered = (more: Partial<CustomResourceType> = {}): ControlEvent => ({
  type: 'ResourceTypeRegistered',
  data: { name: 'License', endpoint: '/Licenses', description: '', schema: OKTA, schemaExtensions: [], ...more },
});
const remove: ControlCommand = { type: 'RemoveResourceType', data: { name: 'license' } };
const removed: ControlEvent = { type: 'ResourceTypeRemoved', data: { name: 'License' } };
const putSchema = (urn: string, resourceType: string): ControlCommand => ({
  type: 'RegisterExtensionSchema',
  data: { urn, document: { resourceType, attributes: [{ name: 'code', uniqueness: 'none' }] } },
});
/** The event that the command leads to. */
const schemaPut = (urn: string, resourceType: string): ControlEvent => {
  const state = controlDecider.evolve(controlDecider.initialState(), created);
  const [event] = controlDecider.decide(putSchema(urn, resourceType), state, undefined);
  if (event === undefined) throw new Error('The schema was refused.');
  return event;
};
const dropSchema = (urn: string): ControlCommand => ({ type: 'RemoveExtensionSchema', data: { urn } });

describe('X12 a resource type of a tenant’s own', () => {
  it('C-O13 has a schema that the service brings along, at any endpoint', () =>
    control.given(created).when(register()).then(registered()));

  it('or one that the tenant has registered, with extensions, each in its own spelling', () =>
    control
      .given(created, schemaPut(PERKS, 'Custom'), schemaPut('urn:acme:more', 'Custom'))
      .when(
        register({
          endpoint: '/Licenses',
          schema: PERKS.toUpperCase(),
          description: 'Perks',
          schemaExtensions: [{ schema: 'URN:acme:more', required: true }],
        }),
      )
      .then(
        registered({
          description: 'Perks',
          schema: PERKS,
          schemaExtensions: [{ schema: 'urn:acme:more', required: true }],
        }),
      ));

  it.each([
    ['a schema that nobody has registered', { endpoint: '/Licenses', schema: 'urn:acme:unknown' }],
    ['a schema that extends users', { endpoint: '/Licenses', schema: 'urn:acme:users' }],
    ['the schema of users', { endpoint: '/Licenses', schema: 'urn:ietf:params:scim:schemas:core:2.0:User' }],
    ['no schema', { endpoint: '/Licenses' }],
    ['no endpoint', { schema: OKTA }],
    ['an endpoint without a slash', { ...license, endpoint: 'Licenses' }],
    ['an endpoint below another', { ...license, endpoint: '/a/b' }],
    ['the endpoint of users, in whatever case', { ...license, endpoint: '/users' }],
    ['the endpoint of Bulk', { ...license, endpoint: '/Bulk' }],
    ['the endpoint of searches', { ...license, endpoint: '/.search' }],
    ['another name than that of the path', { ...license, name: 'Licence' }],
    ['another id than its name', { ...license, id: 'x' }],
    ['a member that none has', { ...license, owner: 'x' }],
    ['a description that is no text', { ...license, description: 7 }],
    ['one schema twice', { ...license, schemaExtensions: [{ schema: OKTA }] }],
    ['an extension that is none', { ...license, schemaExtensions: ['urn:x'] }],
    ['an extension with a required that is no flag', { ...license, schemaExtensions: [{ schema: 'x', required: 1 }] }],
  ])('is refused with %s', (_, document) =>
    control
      .given(created, schemaPut('urn:acme:users', 'User'))
      .when(register(document))
      .thenRefused('resource-type-invalid'),
  );

  it.each([
    'User',
    'users',
    'GROUP',
    'Me',
    'Bulk',
    'Schemas',
    'ResourceType',
    'ServiceProviderConfig',
    '.search',
    '',
    '1x',
  ])('is not called %j', (name) =>
    control.given(created).when(register(license, name)).thenRefused('resource-type-invalid'),
  );

  it('changes in its description and extensions, which stored resources do not depend on', () => {
    control.given(created, registered()).when(register()).thenNothing();
    control
      .given(created, registered())
      .when(register({ ...license, description: 'New' }))
      .then(registered({ description: 'New' }));
  });

  it('keeps schema and endpoint for good, past its removal', () => {
    for (const past of [[registered()], [registered(), removed]]) {
      control
        .given(created, ...past)
        .when(register({ ...license, endpoint: '/Seats' }))
        .thenRefused('resource-type-incompatible');
      control
        .given(created, ...past)
        .when(register({ ...license, schema: 'urn:okta:scim:schemas:core:1.0:Role' }))
        .thenRefused('resource-type-incompatible');
    }
  });

  it('is retired, and comes back as it was', () => {
    control.given(created, registered()).when(remove).then(removed);
    control.given(created, registered(), removed).when(remove).thenRefused('resource-type-not-found');
    control.given(created).when(remove).thenRefused('resource-type-not-found');
    control.given(created, registered(), removed).when(register()).then(registered());
  });

  it('leaves its endpoint to no other, not even when it is retired', () =>
    control
      .given(created, registered(), removed)
      .when(register({ ...license, endpoint: '/licenses' }, 'Seat'))
      .thenRefused('resource-type-taken'));

  it('holds its schemas, as long as it is there', () => {
    const past = [created, schemaPut(PERKS, 'Custom'), registered({ schema: PERKS })];
    control
      .given(...past)
      .when(dropSchema(PERKS.toUpperCase()))
      .thenRefused('schema-in-use');
    control
      .given(...past, removed)
      .when(dropSchema(PERKS))
      .then({ type: 'ExtensionSchemaRemoved', data: { urn: PERKS } });
  });

  it('is one of at most 20, removed ones included', () => {
    const past = Array.from({ length: 20 }, (_, i) => registered({ name: `T${i}`, endpoint: `/T${i}` }));
    control
      .given(created, ...past, { type: 'ResourceTypeRemoved', data: { name: 'T7' } })
      .when(register())
      .thenRefused('too-many-resource-types');
  });

  it('is none of an off-boarded tenant', () =>
    control.given(created, { type: 'TenantOffboarded', data: {} }).when(register()).thenRefused('tenant-not-found'));
});

describe('X12 a schema for resource types of the tenant’s own', () => {
  const put = (document: Record<string, unknown>): ControlCommand => ({
    type: 'RegisterExtensionSchema',
    data: { urn: PERKS, document: { resourceType: 'Custom', ...document } },
  });
  const decide = (command: ControlCommand, ...past: ControlEvent[]) =>
    controlDecider.decide(
      command,
      [created, ...past].reduce(controlDecider.evolve, controlDecider.initialState()),
      undefined,
    );
  const unique = { name: 'code', uniqueness: 'server' };

  it.each(['string', 'reference', 'integer'])('may ask for unique values of type %s', (type) =>
    expect(decide(put({ attributes: [{ ...unique, type }] }))).toMatchObject([
      { data: { resourceType: 'Custom', schema: { attributes: [{ name: 'code', uniqueness: 'server' }] } } },
    ]),
  );

  it.each([
    ['a unique attribute of several values', { attributes: [{ ...unique, multiValued: true }] }],
    ['a unique flag', { attributes: [{ ...unique, type: 'boolean' }] }],
    ['a unique sub-attribute', { attributes: [{ name: 'a', type: 'complex', subAttributes: [unique] }] }],
    ['an attribute that every resource has', { attributes: [{ name: 'ID' }] }],
    ['metadata of its own', { attributes: [{ name: 'meta' }] }],
    ['what belongs to an extension of users', { attributes: [{ name: 'code' }], required: true }],
  ])('is refused with %s', (_, document) => control.given(created).when(put(document)).thenRefused('schema-invalid'));

  it('an extension of users cannot ask for unique values, for nobody claimed those that are there', () =>
    control
      .given(created)
      .when(put({ resourceType: 'User', attributes: [unique] }))
      .thenRefused('schema-invalid'));

  it('what was not unique cannot become so, nor be compared otherwise, for values without a claim may be there', () => {
    const [plain] = decide(put({ attributes: [{ name: 'code' }] }));
    const [claimed] = decide(put({ attributes: [unique] }));
    if (plain === undefined || claimed === undefined) throw new Error('The schema was refused.');
    control
      .given(created, plain)
      .when(put({ attributes: [unique] }))
      .thenRefused('schema-incompatible');
    control
      .given(created, claimed)
      .when(put({ attributes: [{ ...unique, caseExact: true }] }))
      .thenRefused('schema-incompatible');
  });

  it.each(['urn:ietf:params:scim:schemas:core:2.0:Role', OKTA, OKTA.toLowerCase(), `${OKTA}:more`])(
    'is not %s, which the service brings along',
    (urn) => {
      const command: ControlCommand = {
        type: 'RegisterExtensionSchema',
        data: { urn, document: { attributes: [{ name: 'a' }] } },
      };
      expect(() => decide(command)).toThrow(/belong|yours|begin/);
    },
  );
});
