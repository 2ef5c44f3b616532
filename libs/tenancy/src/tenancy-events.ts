import type { EventCatalogue } from '#event-sourcing';
import type { ControlEvent } from './control-stream.js';
import type { TenantRegistered } from './tenant-registry.js';

/** No event of the control plane holds personal data, so nothing is sealed: secrets are there as hashes only. */
const plain = { schemaVersion: 1, sealed: {} };

/** Every event type of the control plane. */
export const tenancyEvents = {
  TenantRegistered: plain,
  TenantCreated: plain,
  TenantRenamed: plain,
  TenantSuspended: plain,
  TenantResumed: plain,
  TenantSettingsChanged: plain,
  TenantOffboarded: plain,
  TenantReinstated: plain,
  TenantErased: plain,
  OAuthClientRegistered: plain,
  OAuthClientRenamed: plain,
  OAuthClientDisabled: plain,
  OAuthClientEnabled: plain,
  OAuthClientAuthenticationSet: plain,
  OAuthClientSecretAdded: plain,
  OAuthClientSecretRevoked: plain,
  OAuthClientDeleted: plain,
  OAuthClientAuthorized: plain,
  OAuthClientAuthorizationRevoked: plain,
  AdministratorInvited: plain,
  AdministratorActivated: plain,
  AdministratorDisabled: plain,
  AdministratorEnabled: plain,
  AdministratorSignedIn: plain,
  ScimTokenIssued: plain,
  ScimTokenRevoked: plain,
  ExtensionSchemaRegistered: plain,
  ExtensionSchemaRemoved: plain,
  DirectoryImportBegun: plain,
  DirectoryImportEnded: plain,
  ResourceTypeRegistered: plain,
  ResourceTypeRemoved: plain,
} satisfies EventCatalogue & Record<(ControlEvent | TenantRegistered)['type'], unknown>;
