import { describe, expect, it } from '@jest/globals';
import { profiles, type AttributeDefinition } from '#scim';
import { effectiveSettings, type ChosenSettings } from '#tenancy';
import { isInteropConformant } from './interop-conformance.js';
import { compileTenantView, coreView } from './tenant-view.js';

const strict = profiles['interop-strict'];
const under = (chosen: ChosenSettings = {}) => effectiveSettings(chosen);
const attribute = (over: Partial<AttributeDefinition>): AttributeDefinition => ({
  name: 'type',
  type: 'string',
  multiValued: false,
  description: '',
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...over,
});
const keys = (type: AttributeDefinition, multiValued = true) => {
  const urn = 'urn:acme:keys';
  const attributes = [attribute({ name: 'keys', type: 'complex', multiValued, subAttributes: [type] })];
  const schema = { id: urn, name: urn, description: '', attributes };
  return compileTenantView({ schemas: [{ urn, resourceType: 'User', required: false, schema }], resourceTypes: [] });
};

describe('X13 conformance is claimed only where it holds', () => {
  it('by the strict profile over the core schemas', () =>
    expect(isInteropConformant(strict, under(), coreView)).toBe(true));

  it('not by another profile', () => expect(isInteropConformant(profiles.rfc, under(), coreView)).toBe(false));

  it.each<[string, ChosenSettings]>([
    ['X17 DELETE only deactivates', { deletePolicy: 'deactivate' }],
    ['X14 attributes are dropped in silence', { allowedAttributes: ['name'] }],
  ])('not where %s', (_, chosen) => expect(isInteropConformant(strict, under(chosen), coreView)).toBe(false));

  it('X14 not where a type of a schema of the tenant does not say what it takes', () => {
    expect(isInteropConformant(strict, under(), keys(attribute({})))).toBe(false);
    expect(isInteropConformant(strict, under(), keys(attribute({ canonicalValues: ['door'] })))).toBe(true);
    expect(isInteropConformant(strict, under(), keys(attribute({}), false))).toBe(true); // of a single value nobody asks
  });
});
