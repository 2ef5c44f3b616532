export { AccessDenied } from './access-denied.js';
export {
  AcceptedRequests,
  TooManyWaiting,
  type AcceptedRequestsOptions,
  type TakenRequest,
} from './accepted-requests/accepted-requests.js';
export { AccessModule, type AccessOptions } from './access.module.js';
export {
  AdministratorPersons,
  type AdministratorCredentials,
  type AdministratorPerson,
} from './administrators/administrator-persons.js';
export { bearerOf } from './credentials/bearer.js';
export {
  newClientSecret,
  newCredentialId,
  newScimToken,
  sameText,
  scimTokenId,
  secretMatches,
} from './credentials/secret.js';
export { CachedTokenDirectory, defaultTokenCache, type TokenCacheOptions } from './directory/cached-token-directory.js';
export { isOutOfReach, untilInReach } from './until-in-reach.js';
export { PostgresTokenDirectory } from './directory/postgres-token-directory.js';
export { PostgresTenantSchemas, TenantSchemas, type OwnDefinitions } from './directory/tenant-schemas.js';
export {
  TokenDirectory,
  type KnownClient,
  type KnownScimToken,
  type KnownTenant,
} from './directory/token-directory.js';
export { Authenticator, type Caller } from './guard/authenticator.js';
export { CurrentActor, CurrentCaller, Tenant } from './guard/decorators.js';
export { FailedCredentials } from './guard/failed-credentials.js';
export {
  CLOCK_SKEW_SECONDS,
  JwtVerifier,
  remoteKeys,
  scimBaseUrl,
  type AccessTokenClaims,
  type PublicKeys,
} from './guard/jwt-verifier.js';
export { FailureCounts, type FailureLimit } from './guard/failure-counts.js';
export { LastUse } from './guard/last-use.js';
export { OperatorGuard, Operators, operatorOf } from './guard/operator.guard.js';
export { RateLimits } from './guard/rate-limits.js';
export { callerIfAny, callerOf, TenantGuard } from './guard/tenant.guard.js';
export { IdempotencyKeys, type RepeatableRequest, type Reservation } from './idempotency/idempotency-keys.js';
export { defaultRecorderOptions, RefusalRecorder } from './refusals/refusal-recorder.js';
export {
  RefusedRequests,
  type RefusalFilter,
  type RefusalPlace,
  type RefusedRequest,
} from './refusals/refused-requests.js';
export { ControlFollower, type ControlFollowerOptions } from './rows/control-follower.js';
export { ControlQueries, type ClientWithSecrets, type Page, type PageRequest } from './rows/control-queries.js';
export {
  accessEntities,
  AdministratorRow,
  ExtensionSchemaRow,
  OAuthClientRow,
  ResourceTypeRow,
  ScimTokenRow,
  TenantRow,
} from './rows/control-rows.js';
export { TenantErasures, type ErasedTenant, type ErasurePolicy } from './rows/tenant-erasures.js';
export { accessMigrations } from './rows/create-control-plane.migration.js';
export { defaultRotation, type RotationOptions } from './signing-keys/key-plan.js';
export { localKeys } from './signing-keys/local-keys.js';
export { signingKeyTable } from './signing-keys/sealed-jwk.js';
export { SigningKeys, type SigningKeySet } from './signing-keys/signing-keys.js';
