import type { Pool, QueryResultRow } from 'pg';
import { effectiveSettings, type ChosenSettings, type Scope } from '#tenancy';
import { TokenDirectory, type KnownClient, type KnownScimToken, type KnownTenant } from './token-directory.js';

interface TenantColumns {
  tenant_id: string;
  status: KnownTenant['status'];
  settings: ChosenSettings;
  schemas_revision: number;
}

interface TokenColumns extends TenantColumns {
  hash: string;
  expires_at: Date;
  revoked_at: Date | null;
  scopes: Scope[];
}

interface ClientColumns extends TenantColumns {
  enabled: boolean;
  revoked: string[];
}

const TENANT = 't.id AS tenant_id, t.status, t.settings, t.schemas_revision';
const TOKEN_BY_ID = `SELECT s.hash, s.expires_at, s.revoked_at, s.scopes, ${TENANT}
  FROM scim_tokens s JOIN tenants t ON t.id = s.tenant_id WHERE s.id = $1`;
const CLIENT_BY_ID = `SELECT c.enabled, ${TENANT},
    ARRAY(SELECT r.id FROM revoked_access r WHERE r.client_id = c.id AND r.expires_at > now()) AS revoked
  FROM oauth_clients c JOIN tenants t ON t.id = c.tenant_id WHERE c.id = $1`;
const TENANT_BY_ID = `SELECT ${TENANT} FROM tenants t WHERE t.id = $1`;

/** Asks the control plane's rows (ADR 0004); takes a pool of `createServicePool`. */
export class PostgresTokenDirectory extends TokenDirectory {
  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
  }

  async scimToken(tokenId: string): Promise<KnownScimToken | undefined> {
    const row = await this.one<TokenColumns>('scim-token', TOKEN_BY_ID, tokenId);
    return (
      row && {
        tokenId,
        hash: row.hash,
        expiresAt: row.expires_at,
        revoked: row.revoked_at !== null,
        scopes: row.scopes,
        tenant: tenantOf(row),
      }
    );
  }

  async client(clientId: string): Promise<KnownClient | undefined> {
    const row = await this.one<ClientColumns>('oauth-client', CLIENT_BY_ID, clientId);
    return row && { clientId, enabled: row.enabled, revoked: new Set(row.revoked), tenant: tenantOf(row) };
  }

  async tenant(tenantId: string): Promise<KnownTenant | undefined> {
    const row = await this.one<TenantColumns>('tenant', TENANT_BY_ID, tenantId);
    return row && tenantOf(row);
  }

  private async one<Row extends QueryResultRow>(name: string, text: string, id: string): Promise<Row | undefined> {
    return (await this.pool.query<Row>({ name, text, values: [id] })).rows[0];
  }
}

const tenantOf = ({ tenant_id, status, settings, schemas_revision }: TenantColumns): KnownTenant => ({
  tenantId: tenant_id,
  status,
  settings: effectiveSettings(settings),
  schemasRevision: schemas_revision,
});
