export { TenancyError, type TenancyErrorCode } from './refusal.js';
export {
  controlDecider,
  controlStream,
  type ControlCommand,
  type ControlEvent,
  type ControlState,
} from './control-stream.js';
export {
  defaultSettings,
  effectiveSettings,
  type ChosenSettings,
  type Provisioning,
  type RateLimit,
  type TenantSettings,
} from './tenant/settings.js';
export { givenRoles, type GivenRole, type GroupOfMember, type GroupRole } from './tenant/group-roles.js';
export type { SettingsChange } from './tenant/settings-change.js';
export {
  checkedTenantId,
  tenantDecider,
  type TenantCommand,
  type TenantEvent,
  type TenantState,
} from './tenant/tenant.js';
export type { AdministratorCommand, AdministratorEvent } from './administrator/administrator.js';
export { isOktaCallback, oktaRedirectUris } from './oauth-client/okta-callbacks.js';
export {
  authenticationMethods,
  type ClientAuthentication,
  type Federation,
} from './oauth-client/client-authentication.js';
export type { PublicKeySet } from './oauth-client/public-keys.js';
export {
  oauthClientDecider,
  supportedGrantTypes,
  type ClientSecret,
  type GrantType,
  type OAuthClientCommand,
  type OAuthClientEvent,
  type OAuthClientState,
} from './oauth-client/oauth-client.js';
export {
  knownScopes,
  scimTokenDecider,
  type Scope,
  type ScimToken,
  type ScimTokenCommand,
  type ScimTokenEvent,
  type ScimTokenState,
} from './scim-token/scim-token.js';
export {
  extensionSchemaDecider,
  type ExtensionSchema,
  type ExtensionSchemaCommand,
  type ExtensionSchemaEvent,
  type ExtensionSchemaState,
} from './extension-schema/extension-schema.js';
export { extendedSchemas } from './extension-schema/extended-schemas.js';
export type { ExtendedType } from './extension-schema/schema-document.js';
export {
  resourceTypeDecider,
  type ResourceTypeCommand,
  type ResourceTypeEvent,
  type ResourceTypeState,
} from './resource-type/resource-type.js';
export type { CustomResourceType } from './resource-type/resource-type-document.js';
export { tenancyEvents } from './tenancy-events.js';
export { TenantRegistry, type RegisteredTenant, type TenantRegistered } from './tenant-registry.js';
