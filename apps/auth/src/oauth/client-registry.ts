import type { DataSource } from 'typeorm';
import type { ClientAuthentication, GrantType } from '#tenancy';

/** A client as the token endpoint needs it. */
export interface LiveClient {
  readonly clientId: string;
  readonly tenantId: string;
  readonly grantTypes: readonly GrantType[];
  readonly redirectUris: readonly string[];
  readonly authentication: ClientAuthentication;
  readonly secrets: readonly { readonly hash: string; readonly expiresAt: string }[];
}

const LIVE_CLIENT = `SELECT c.tenant_id, c.grant_types, c.redirect_uris, c.authentication,
    (SELECT coalesce(json_agg(json_build_object('hash', s.hash, 'expiresAt', s.expires_at) ORDER BY s.id), '[]')
       FROM oauth_client_secrets s WHERE s.client_id = c.id) AS secrets
  FROM oauth_clients c JOIN tenants t ON t.id = c.tenant_id
  WHERE c.id = $1 AND c.enabled AND t.status = 'active'`;

const NOTE_USE = `UPDATE oauth_clients SET last_used_at = $2
  WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')`;

const NOTE_REFUSAL = `UPDATE oauth_clients SET last_refusal = $2, last_refused_at = $3 WHERE id = $1`;

interface Columns {
  tenant_id: string;
  grant_types: GrantType[];
  redirect_uris: string[];
  authentication: ClientAuthentication;
  secrets: LiveClient['secrets'];
}

/** Clients that may get tokens now. */
export class ClientRegistry {
  constructor(private readonly database: Pick<DataSource, 'query'>) {}

  /** Undefined when there is none, it is disabled, or its tenant is suspended or off-boarded. */
  async find(clientId: string): Promise<LiveClient | undefined> {
    if (!/^[0-9A-Za-z]{1,40}$/.test(clientId)) return undefined;
    const [row] = await this.database.query<Columns[]>(LIVE_CLIENT, [clientId]);
    return (
      row && {
        clientId,
        tenantId: row.tenant_id,
        grantTypes: row.grant_types,
        redirectUris: row.redirect_uris,
        authentication: row.authentication,
        secrets: row.secrets,
      }
    );
  }

  /** At most once a minute a client. */
  async noteUse(clientId: string, at: Date): Promise<void> {
    await this.database.query(NOTE_USE, [clientId, at]);
  }

  /** Why it was turned away, for whoever sets it up. */
  async noteRefusal(clientId: string, reason: string, at: Date): Promise<void> {
    await this.database.query(NOTE_REFUSAL, [clientId, reason, at]);
  }
}
