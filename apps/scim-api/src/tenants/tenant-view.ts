import {
  compileResourceSchema,
  enterpriseUserSchemaDefinition,
  groupResourceType,
  groupSchema,
  groupSchemaDefinition,
  userResourceType,
  userSchema,
  userSchemaDefinition,
  type ResourceSchema,
  type ResourceTypeDefinition,
  type SchemaDefinition,
} from '#scim';
import type { ExtensionSchema } from '#tenancy';

/** SCIM as one tenant knows it. */
export interface TenantView {
  readonly user: ResourceSchema;
  readonly group: ResourceSchema;
}

/** A tenant without schemas of its own, and what is shown to callers without credentials. */
export const coreView: TenantView = { user: userSchema, group: groupSchema };

/** What a tenant's own schemas make of users and groups. */
export const compileTenantView = (extensions: readonly ExtensionSchema[]): TenantView =>
  extensions.length === 0
    ? coreView
    : {
        user: extended(userResourceType, [userSchemaDefinition, enterpriseUserSchemaDefinition], extensions),
        group: extended(groupResourceType, [groupSchemaDefinition], extensions),
      };

const extended = (
  type: ResourceTypeDefinition,
  core: readonly SchemaDefinition[],
  extensions: readonly ExtensionSchema[],
): ResourceSchema => {
  const own = extensions.filter(({ resourceType }) => resourceType === type.name);
  const schemaExtensions = own.map(({ urn, required }) => ({ schema: urn, required }));
  return compileResourceSchema({ ...type, schemaExtensions: [...type.schemaExtensions, ...schemaExtensions] }, [
    ...core,
    ...own.map(({ schema }) => schema),
  ]);
};
