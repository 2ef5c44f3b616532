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
import type { ExtensionSchema } from './extension-schema.js';

/** Users and groups as a tenant's own extensions make them. */
export const extendedSchemas = (
  extensions: readonly ExtensionSchema[],
): { readonly user: ResourceSchema; readonly group: ResourceSchema } =>
  extensions.every(({ resourceType }) => resourceType === 'Custom')
    ? { user: userSchema, group: groupSchema }
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
