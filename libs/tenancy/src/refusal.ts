import { DomainError } from '#event-sourcing';

/** Every way the control plane refuses a command. The edge maps each to a status. */
export type TenancyErrorCode =
  | 'tenant-id-invalid'
  | 'tenant-id-taken'
  | 'tenant-not-found'
  | 'tenant-erased'
  | 'name-invalid'
  | 'setting-invalid'
  | 'expiry-invalid'
  | 'scope-unknown'
  | 'client-id-taken'
  | 'client-not-found'
  | 'grant-type-unsupported'
  | 'redirect-uri-invalid'
  | 'authentication-invalid'
  | 'secret-not-found'
  | 'secret-not-used'
  | 'too-many-secrets'
  | 'administrator-not-found'
  | 'administrator-disabled'
  | 'administrator-email-taken'
  | 'too-many-administrators'
  | 'token-id-taken'
  | 'token-not-found'
  | 'too-many-tokens'
  | 'schema-urn-invalid'
  | 'schema-urn-taken'
  | 'schema-invalid'
  | 'schema-incompatible'
  | 'schema-not-found'
  | 'too-many-schemas'
  | 'import-unfinished'
  | 'schema-in-use'
  | 'resource-type-invalid'
  | 'resource-type-taken'
  | 'resource-type-incompatible'
  | 'resource-type-not-found'
  | 'too-many-resource-types';

/** A refused control-plane command; `message` is for the operator's eyes. */
export class TenancyError extends DomainError<TenancyErrorCode> {}
