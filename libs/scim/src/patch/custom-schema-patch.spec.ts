import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { attribute, complex } from '../schemas/attribute-definition.js';
import { enterpriseUserSchemaDefinition } from '../schemas/enterprise-user-schema.js';
import { compileResourceSchema } from '../schemas/resource-schema.js';
import type { ResourceSchema } from '../schemas/resource-schema.js';
import { userResourceType } from '../schemas/resource-types.js';
import { userSchemaDefinition } from '../schemas/user-schema.js';
import type { Attributes } from '../values/scim-value.js';
import { parsePatchRequest } from './patch-request.js';
import { applyPatch } from './resource-patch.js';

const enterprise = urns.enterpriseUser;

type Operation = Readonly<{ op: string; path?: string; value?: unknown }>;

const patch = (before: Attributes, operations: readonly Operation[], schema: ResourceSchema) =>
  applyPatch(before, parsePatchRequest({ schemas: [urns.patchOp], Operations: operations }), schema);

const refusal = (act: () => unknown): Pick<ScimError, 'status' | 'scimType'> => {
  try {
    act();
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error('It was accepted.');
};

describe('a custom schema', () => {
  const urn = 'urn:example:acme:2.0:Badge';
  const schema = compileResourceSchema(
    { ...userResourceType, schemaExtensions: [...userResourceType.schemaExtensions, { schema: urn, required: true }] },
    [
      userSchemaDefinition,
      enterpriseUserSchemaDefinition,
      {
        id: urn,
        name: 'Badge',
        description: 'Badge',
        attributes: [
          attribute('number', 'Number', { mutability: 'immutable' }),
          attribute('level', 'Level', { required: true, type: 'integer' }),
          complex('keys', 'Keys', [attribute('door', 'Door', { required: true }), attribute('note', 'Note')], {
            multiValued: true,
          }),
          attribute('constructor', 'A name that every object inherits'),
        ],
      },
    ],
  );
  const before: Attributes = { userName: 'a', [urn]: { number: 'N1', level: 1 } };
  const scimType = (...operations: readonly Operation[]) => refusal(() => patch(before, operations, schema)).scimType;

  it('R88 refuses another value for an immutable attribute that is set, takes the same, and sets one that is not', () => {
    expect(scimType({ op: 'replace', path: `${urn}:number`, value: 'N2' })).toBe('mutability');
    expect(scimType({ op: 'remove', path: `${urn}:number` })).toBe('mutability');
    expect(patch(before, [{ op: 'add', path: `${urn}:number`, value: 'N1' }], schema).changed).toBe(false);
    const unset = { userName: 'a', [urn]: { level: 1 } };
    expect(patch(unset, [{ op: 'add', path: `${urn}:number`, value: 'N2' }], schema).attributes).toEqual({
      userName: 'a',
      [urn]: { number: 'N2', level: 1 },
    });
  });

  it('R89 refuses to drop what is required', () => {
    expect(scimType({ op: 'remove', path: `${urn}:level` })).toBe('mutability');
    expect(scimType({ op: 'remove', path: urn })).toBe('mutability');
    expect(scimType({ op: 'add', path: `${urn}:keys`, value: [{ note: 'no door' }] })).toBe('invalidValue');
  });

  it('R89 refuses to drop a required extension of which no attribute is required', () => {
    const bare = compileResourceSchema(
      { ...userResourceType, schemaExtensions: [{ schema: enterprise, required: true }] },
      [userSchemaDefinition, enterpriseUserSchemaDefinition],
    );
    const one = { userName: 'a', [enterprise]: { department: 'Sales' } };
    for (const path of [enterprise, `${enterprise}:department`]) {
      expect(refusal(() => patch(one, [{ op: 'remove', path }], bare)).scimType).toBe('mutability');
    }
  });

  it('knows attributes named like inherited properties', () =>
    expect(patch(before, [{ op: 'add', path: `${urn}:constructor`, value: 'x' }], schema).attributes[urn]).toEqual({
      number: 'N1',
      level: 1,
      constructor: 'x',
    }));
});
