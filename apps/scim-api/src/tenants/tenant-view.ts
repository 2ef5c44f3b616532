import type { OwnDefinitions } from '#access';
import { compileResourceSchema, groupSchema, presetSchemas, userSchema, type ResourceSchema } from '#scim';
import { extendedSchemas, type CustomResourceType, type ExtensionSchema } from '#tenancy';

/** SCIM as one tenant knows it. */
export interface TenantView {
  readonly user: ResourceSchema;
  readonly group: ResourceSchema;
  /** Resource types of the tenant's own, by their name. */
  readonly custom: readonly ResourceSchema[];
}

/** A tenant without definitions of its own, and what is shown to callers without credentials. */
export const coreView: TenantView = { user: userSchema, group: groupSchema, custom: [] };

/** Every resource type of the view. */
export const schemasOfView = ({ user, group, custom }: TenantView): readonly ResourceSchema[] => [
  user,
  group,
  ...custom,
];

/** What a tenant's own definitions make of users and groups, and what they add. */
export const compileTenantView = ({ schemas, resourceTypes }: OwnDefinitions): TenantView => ({
  ...extendedSchemas(schemas),
  custom: resourceTypes.map((type) => custom(type, schemas)),
});

const custom = (type: CustomResourceType, schemas: readonly ExtensionSchema[]): ResourceSchema =>
  compileResourceSchema({ id: type.name, ...type }, [...presetSchemas, ...schemas.map(({ schema }) => schema)]);
