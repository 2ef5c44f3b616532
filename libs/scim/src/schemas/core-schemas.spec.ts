import { describe, expect, it } from '@jest/globals';
import { resourceTypeResource, schemaResource } from '../messages/discovery.js';
import { urns } from '../messages/urns.js';
import { groupSchema, userSchema } from './core-schemas.js';
import type { AttributeDefinition } from './definitions.js';
import {
  resourceTypeSchemaDefinition,
  schemaSchemaDefinition,
  serviceProviderConfigSchemaDefinition,
} from './discovery-schemas.js';
import { enterpriseUserSchemaDefinition } from './enterprise-user-schema.js';
import { groupSchemaDefinition } from './group-schema.js';
import { compileResourceSchema, findTarget } from './resource-schema.js';
import { groupResourceType, userResourceType } from './resource-types.js';
import { userSchemaDefinition } from './user-schema.js';

const published = [
  userSchemaDefinition,
  groupSchemaDefinition,
  enterpriseUserSchemaDefinition,
  serviceProviderConfigSchemaDefinition,
  resourceTypeSchemaDefinition,
  schemaSchemaDefinition,
];

const all = (attributes: readonly AttributeDefinition[]): readonly AttributeDefinition[] =>
  attributes.flatMap((attribute) => [attribute, ...all(attribute.subAttributes ?? [])]);

const named = (attributes: readonly AttributeDefinition[], name: string): AttributeDefinition | undefined =>
  attributes.find((attribute) => attribute.name === name);

describe.each(published.map((schema) => [schema.name, schema] as const))('RFC 7643 §7: the schema %s', (_, schema) => {
  it('R122 gives every characteristic of every attribute, and no null', () => {
    for (const attribute of all(schema.attributes)) {
      for (const characteristic of [
        'name',
        'type',
        'multiValued',
        'description',
        'required',
        'caseExact',
        'mutability',
        'returned',
        'uniqueness',
      ]) {
        expect(attribute).toHaveProperty(characteristic);
      }
      expect(attribute.type === 'reference').toBe(attribute.referenceTypes !== undefined);
      expect(attribute.type === 'complex').toBe(attribute.subAttributes !== undefined);
      if (attribute.type === 'reference' || attribute.type === 'binary') expect(attribute.caseExact).toBe(true);
    }
    expect(JSON.stringify(schema)).not.toContain('null');
  });

  it('R35 names attributes by the grammar, each once', () => {
    for (const attribute of all(schema.attributes)) expect(attribute.name).toMatch(/^(?:[A-Za-z][\w-]*|\$ref)$/);
    const names = schema.attributes.map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('RFC 7643 §8.7.1: the core schemas', () => {
  it('R37 R38 R42 list the attributes of the RFC', () => {
    expect(userSchemaDefinition.attributes.map(({ name }) => name)).toEqual([
      ...[
        'externalId',
        'userName',
        'name',
        'displayName',
        'nickName',
        'profileUrl',
        'title',
        'userType',
        'preferredLanguage',
      ],
      ...['locale', 'timezone', 'active', 'password', 'emails', 'phoneNumbers', 'ims', 'photos', 'addresses', 'groups'],
      ...['entitlements', 'roles', 'x509Certificates'],
    ]);
    expect(enterpriseUserSchemaDefinition.attributes.map(({ name }) => name)).toEqual([
      ...['employeeNumber', 'costCenter', 'organization', 'division', 'department', 'manager'],
    ]);
    expect(groupSchemaDefinition.attributes.map(({ name }) => name)).toEqual(['externalId', 'displayName', 'members']);
    expect(named(userSchemaDefinition.attributes, 'userName')).toMatchObject({
      required: true,
      uniqueness: 'server',
      caseExact: false,
    });
    expect(named(userSchemaDefinition.attributes, 'password')).toMatchObject({
      mutability: 'writeOnly',
      returned: 'never',
    });
    expect(named(userSchemaDefinition.attributes, 'groups')).toMatchObject({
      mutability: 'readOnly',
      multiValued: true,
    });
    expect(named(groupSchemaDefinition.attributes, 'displayName')).toMatchObject({ required: true });
  });

  it('R41 keep what a client says of a member immutable; its name is readOnly, for it is derived', () => {
    const members = named(groupSchemaDefinition.attributes, 'members');
    expect(members?.subAttributes?.map(({ name, mutability }) => [name, mutability])).toEqual([
      ['value', 'immutable'],
      ['$ref', 'immutable'],
      ['type', 'immutable'],
      ['display', 'readOnly'],
    ]);
  });

  it('R36 publish the suggested types', () =>
    expect(
      named(named(userSchemaDefinition.attributes, 'emails')?.subAttributes ?? [], 'type')?.canonicalValues,
    ).toEqual(['work', 'home', 'other']));
});

describe('RFC 7643 §6: resource types', () => {
  it('R122 name schemas that are served, and an endpoint relative to the base', () => {
    const ids = published.map(({ id }) => id);
    for (const resourceType of [userResourceType, groupResourceType]) {
      expect(resourceType.id).toBe(resourceType.name);
      expect(resourceType.endpoint).toMatch(/^\/\w+$/);
      expect(ids).toEqual(
        expect.arrayContaining([resourceType.schema, ...resourceType.schemaExtensions.map(({ schema }) => schema)]),
      );
    }
  });

  it('R120 have an outward form with schemas and location', () => {
    expect(resourceTypeResource(userResourceType, 'https://x.example/v2')).toMatchObject({
      schemas: [urns.resourceType],
      id: 'User',
      endpoint: '/Users',
      meta: { resourceType: 'ResourceType', location: 'https://x.example/v2/ResourceTypes/User' },
    });
    expect(schemaResource(groupSchemaDefinition, 'https://x.example/v2')).toMatchObject({
      schemas: [urns.schema],
      id: urns.group,
      meta: { resourceType: 'Schema', location: `https://x.example/v2/Schemas/${urns.group}` },
    });
  });
});

describe('looking up names', () => {
  it.each([
    ['userName', 'userName'],
    ['USERNAME', 'userName'],
    ['Name.GivenName', 'name.givenName'],
    [`${urns.user}:name.givenName`, 'name.givenName'],
    [`${urns.user.toUpperCase()}:ID`, 'id'],
    ['meta.lastmodified', 'meta.lastModified'],
    [`${urns.enterpriseUser}:Manager.Value`, `${urns.enterpriseUser}:manager.value`],
    ['groups.$ref', 'groups.$ref'],
  ])('R35 R62 finds %s', (name, path) => {
    const target = findTarget(userSchema, name);
    expect(target.kind === 'attribute' ? (target.subAttribute ?? target.attribute).path : target).toBe(path);
  });

  it('finds a whole extension and the resource itself', () => {
    expect(findTarget(userSchema, urns.enterpriseUser.toLowerCase())).toMatchObject({ kind: 'extension' });
    expect(findTarget(userSchema, urns.user)).toEqual({ kind: 'resource' });
  });

  it.each([
    ['shoeSize', true],
    ['name.nick', true],
    ['userName.value', true],
    ['constructor', true],
    [`${urns.enterpriseUser}:x`, true],
    ['urn:x:y', false],
    [`${urns.user}x:userName`, false],
  ])('tells that %s is unknown', (name, schemaKnown) =>
    expect(findTarget(userSchema, name)).toEqual({ kind: 'unknown', schemaKnown }),
  );

  it('prefers the longest of schemas that begin alike', () => {
    const outer = { id: 'urn:x:a', name: 'A', description: '', attributes: userSchemaDefinition.attributes };
    const inner = { ...outer, id: 'urn:x:a:b' };
    const type = {
      ...groupResourceType,
      schemaExtensions: [outer, inner].map(({ id }) => ({ schema: id, required: false })),
    };
    const schema = compileResourceSchema(type, [groupSchemaDefinition, outer, inner]);
    expect(findTarget(schema, 'urn:x:a:b')).toMatchObject({ kind: 'extension', extension: { urn: 'urn:x:a:b' } });
    expect(findTarget(schema, 'urn:x:a:b:title')).toMatchObject({ attribute: { extension: 'urn:x:a:b' } });
    expect(findTarget(schema, 'urn:x:a:title')).toMatchObject({ attribute: { extension: 'urn:x:a' } });
  });

  it('is refused for a resource type whose schema is not given', () =>
    expect(() => compileResourceSchema(userResourceType, [userSchemaDefinition])).toThrow(urns.enterpriseUser));

  it('R124 keeps the schemas of one tenant from another', () => {
    expect(findTarget(groupSchema, `${urns.enterpriseUser}:department`)).toEqual({
      kind: 'unknown',
      schemaKnown: false,
    });
  });
});
