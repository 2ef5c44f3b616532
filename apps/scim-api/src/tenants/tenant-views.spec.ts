import { beforeEach, describe, expect, it } from '@jest/globals';
import { TenantSchemas, type OwnDefinitions } from '#access';
import { findTarget, userSchema, type AttributeDefinition } from '#scim';
import type { ExtensionSchema } from '#tenancy';
import { compileTenantView, coreView } from './tenant-view.js';
import { TenantViews } from './tenant-views.js';

const urn = 'urn:acme:Badges';
const attribute: AttributeDefinition = {
  name: 'colour',
  type: 'string',
  multiValued: false,
  description: '',
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
};
const badges: ExtensionSchema = {
  urn,
  resourceType: 'User',
  required: false,
  schema: { id: urn, name: 'Badges', description: '', attributes: [attribute] },
};

class Schemas extends TenantSchemas {
  asked: string[] = [];
  broken = false;
  async of(tenantId: string): Promise<OwnDefinitions> {
    this.asked.push(tenantId);
    if (this.broken) throw new Error('out of reach');
    return { schemas: tenantId === 'acme' ? [badges] : [], resourceTypes: [] };
  }
}

let schemas: Schemas;
let views: TenantViews;
beforeEach(() => {
  schemas = new Schemas();
  views = new TenantViews(schemas);
});
const acme = (schemasRevision: number) => views.of({ tenantId: 'acme', schemasRevision });

describe('R124 schemas as a tenant knows them', () => {
  it('a tenant that never had one of its own costs no look-up', async () => {
    expect(await views.of({ tenantId: 'globex', schemasRevision: 0 })).toBe(coreView);
    expect(schemas.asked).toEqual([]);
  });

  it('are compiled once, and again when they have changed', async () => {
    const [first, again] = await Promise.all([acme(3), acme(3)]);
    expect(again).toBe(first);
    expect(schemas.asked).toEqual(['acme']);
    expect(await acme(4)).not.toBe(first);
    expect(await acme(3)).not.toBe(first);
    expect(schemas.asked).toEqual(['acme', 'acme']);
  });

  it('of one tenant are not those of another', async () => {
    expect(findTarget((await acme(1)).user, `${urn}:colour`).kind).toBe('attribute');
    const globex = await views.of({ tenantId: 'globex', schemasRevision: 1 });
    expect(findTarget(globex.user, `${urn}:colour`).kind).toBe('unknown');
  });

  it('a failure is not remembered', async () => {
    schemas.broken = true;
    await expect(acme(1)).rejects.toThrow('out of reach');
    schemas.broken = false;
    expect((await acme(1)).user).not.toBe(userSchema);
  });

  it('extend only what they say', () => {
    const view = compileTenantView({ schemas: [badges], resourceTypes: [] });
    expect(view.user.resourceType.schemaExtensions).toContainEqual({ schema: urn, required: false });
    expect(view.group.extensions.size).toBe(0);
    const ofGroups = { schemas: [{ ...badges, resourceType: 'Group' as const }], resourceTypes: [] };
    expect(compileTenantView(ofGroups).group.extensions.has(urn.toLowerCase())).toBe(true);
  });
});
