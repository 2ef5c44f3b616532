import type { ClientWithSecrets, ScimTokenRow, TenantRow } from '#access';
import { effectiveSettings } from '#tenancy';

/** A tenant as the admin API shows it; settings as they hold, defaults included. */
export const tenantBody = ({ id, displayName, status, settings, createdAt, changedAt }: TenantRow) => ({
  id,
  displayName,
  status,
  settings: effectiveSettings(settings),
  createdAt,
  changedAt,
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

/** A client with the ids and times of its secrets. */
export const clientBody = (client: ClientWithSecrets) => ({
  clientId: client.id,
  name: client.name,
  grantTypes: client.grantTypes,
  redirectUris: client.redirectUris,
  enabled: client.enabled,
  createdAt: client.createdAt,
  lastUsedAt: client.lastUsedAt,
  secrets: client.secrets.map(({ id, createdAt, expiresAt }) => ({ id, createdAt, expiresAt })),
});
