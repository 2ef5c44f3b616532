import type {
  AdministratorPerson,
  AdministratorRow,
  ClientWithSecrets,
  ExtensionSchemaRow,
  ResourceTypeRow,
  ScimTokenRow,
  TenantRow,
} from '#access';
import { urns } from '#scim';
import { effectiveSettings } from '#tenancy';
import { authenticationShown } from './client-authentication-body.js';

/** A tenant as the admin API shows it; settings as they hold, defaults included. */
export const tenantBody = ({ id, displayName, status, settings, createdAt, changedAt, ...end }: TenantRow) => ({
  id,
  displayName,
  status,
  settings: effectiveSettings(settings),
  createdAt,
  changedAt,
  ...(end.erasesAt === null ? {} : { erasesAt: end.erasesAt }),
  ...(end.erasedAt === null ? {} : { erasedAt: end.erasedAt }),
});

/** A token without its secret, which nobody can show again. */
export const tokenBody = ({ id, name, scopes, createdAt, expiresAt, revokedAt, lastUsedAt }: ScimTokenRow) => ({
  id,
  name,
  scopes,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
});

/** An administrator; who it is, unless that was lost with the database beside the log. */
export const administratorBody = (
  { id, activated, enabled, invitedAt, linkExpiresAt, lastSignedInAt }: AdministratorRow,
  person: AdministratorPerson | undefined,
) => ({
  id,
  email: person?.email ?? null,
  displayName: person?.displayName ?? null,
  activated,
  enabled,
  invitedAt,
  linkExpiresAt,
  lastSignedInAt,
});

/** A client with the ids and times of its secrets. */
export const clientBody = (client: ClientWithSecrets) => ({
  clientId: client.id,
  name: client.name,
  grantTypes: client.grantTypes,
  redirectUris: client.redirectUris,
  ...authenticationShown(client.authentication),
  enabled: client.enabled,
  authorization: client.authorizedAt && { administratorId: client.authorizedBy, at: client.authorizedAt },
  createdAt: client.createdAt,
  lastUsedAt: client.lastUsedAt,
  lastRefusal: client.lastRefusedAt && { at: client.lastRefusedAt, reason: client.lastRefusal },
  secrets: client.secrets.map(({ id, createdAt, expiresAt }) => ({ id, createdAt, expiresAt })),
});

/** A schema as RFC 7643 §7 writes it, with what it extends; can be sent back as it is. */
export const schemaBody = ({ schema, resourceType, required, createdAt, changedAt }: ExtensionSchemaRow) => ({
  schemas: [urns.schema],
  ...schema,
  resourceType,
  required,
  meta: { resourceType: 'Schema', created: createdAt, lastModified: changedAt },
});

/** A resource type as RFC 7643 §6 writes it; can be sent back as it is. */
export const resourceTypeBody = ({ definition, createdAt, changedAt }: ResourceTypeRow) => ({
  schemas: [urns.resourceType],
  id: definition.name,
  ...definition,
  meta: { resourceType: 'ResourceType', created: createdAt, lastModified: changedAt },
});
