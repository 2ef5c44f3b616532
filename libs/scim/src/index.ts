export { urns } from './messages/urns.js';
export {
  invalidFilter,
  invalidPath,
  invalidSyntax,
  invalidValue,
  mutability,
  noTarget,
  ScimError,
  toErrorBody,
} from './messages/scim-error.js';
export type { ErrorBody, ScimType } from './messages/scim-error.js';
export { listResponse } from './messages/list-response.js';
export type { ListParts, ListResponse } from './messages/list-response.js';
export { parseSearchRequest, searchInteger } from './messages/search-request.js';
export type { SearchRequest } from './messages/search-request.js';
export { resourceTypeResource, schemaResource } from './messages/discovery.js';
export { rolesAndEntitlements } from './messages/roles-and-entitlements.js';
export { serviceProviderConfig } from './messages/service-provider-config.js';
export type { AuthenticationScheme, ServiceProviderParameters } from './messages/service-provider-config.js';

export { parseBulkRequest } from './bulk/bulk-request.js';
export type { BulkMethod, BulkOperation, BulkRequest, RefusedBulkOperation } from './bulk/bulk-request.js';
export { bulkSteps, concurrentSteps, creators } from './bulk/bulk-plan.js';
export type { BulkStep } from './bulk/bulk-plan.js';
export { referencesOf, resolveId, withReferences } from './bulk/bulk-references.js';
export { bulkResponse } from './bulk/bulk-response.js';
export type { BulkResponse, BulkResult } from './bulk/bulk-response.js';

export type {
  AttributeDefinition,
  AttributeType,
  ResourceTypeDefinition,
  SchemaDefinition,
} from './schemas/definitions.js';
export { userSchemaDefinition } from './schemas/user-schema.js';
export { groupSchemaDefinition } from './schemas/group-schema.js';
export { enterpriseUserSchemaDefinition } from './schemas/enterprise-user-schema.js';
export { presetSchemas } from './schemas/role-schemas.js';
export {
  resourceTypeSchemaDefinition,
  schemaSchemaDefinition,
  serviceProviderConfigSchemaDefinition,
} from './schemas/discovery-schemas.js';
export { groupResourceType, userResourceType } from './schemas/resource-types.js';
export { commonAttributes } from './schemas/common-attributes.js';
export { compileResourceSchema, findTarget } from './schemas/resource-schema.js';
export type { Attribute, AttributeIndex, ResourceSchema, SchemaPart, Target } from './schemas/resource-schema.js';
export { groupSchema, userSchema } from './schemas/core-schemas.js';

export { parseFilter } from './filter/filter-parser.js';
export { filterToText } from './filter/filter-text.js';
export type { ComparisonOperator, Filter, FilterLiteral } from './filter/filter.js';
export { resolveFilter } from './filter/filter-resolution.js';
export type { ResolveOptions } from './filter/filter-resolution.js';
export { matches } from './filter/filter-evaluation.js';
export type {
  AttributeReference,
  ComparisonValue,
  ResolvedComparison,
  ResolvedFilter,
  ResolvedPresence,
  ResolvedValuePath,
} from './filter/resolved-filter.js';

export { profileNames, strictnessOf } from './profiles/profile.js';
export type { Profile, ProfileName, Proof, Strictness, Tolerance } from './profiles/profile.js';
export { profiles } from './profiles/profiles.js';

export { parsePatchPath } from './path/patch-path.js';
export type { PatchPath } from './path/patch-path.js';
export { parsePatchRequest } from './patch/patch-request.js';
export type { PatchOptions } from './patch/patch-options.js';
export type { PatchOperation } from './patch/patch-request.js';
export { applyPatch, applyUserPatch } from './patch/resource-patch.js';
export type { PatchResult, UserPatchResult } from './patch/resource-patch.js';
export { splitGroupPatch } from './patch/group-patch.js';
export type { GroupPatch, MemberOperation } from './patch/group-patch.js';

export { parseGroup, parseResource, parseUser, splitActive } from './validation/resource-body.js';
export type { ParsedGroup, ParsedUser } from './validation/resource-body.js';
export { parseMembers } from './validation/members.js';
export type { MemberInput } from './validation/members.js';
export type { ValidationOptions } from './validation/attribute-value.js';
export { checkImmutable, keepImmutable } from './validation/immutable.js';

export { describeUser, differingPaths } from './comparison/described-user.js';
export type { DescribedUser } from './comparison/described-user.js';

export { parseProjection, project } from './projection/projection.js';
export type { Projection, ProjectionParameters } from './projection/projection.js';
export { buildResource } from './projection/resource.js';
export type { ResourceMeta, ResourceParts } from './projection/resource.js';

export { applyDiff, diffAttributes } from './values/attribute-diff.js';
export type { AttributeDiff } from './values/attribute-diff.js';
export { parseDateTime } from './values/date-time.js';
export { sameValue } from './values/equality.js';
export { fold, foldVersion, prepareUserName, userNamePreparationVersion } from './values/folding.js';
export { limits } from './values/limits.js';
export type { FilterLimits } from './values/limits.js';
export { compareCodePoints } from './values/ordering.js';
export type { Attributes, ScimObject, ScimValue } from './values/scim-value.js';
