import type { QueryResultRow } from 'pg';
import { EventLogUnavailable } from '#event-sourcing';
import { isConnectionLoss, type Statement, type TenantDatabase } from '#postgres';
import { KeyStore, type DestroyedKeys, type StoredSubjectKey, type StoredTenantKey } from './key-store.js';

/** Keys in PostgreSQL, seen through row-level security. Errors: EventLogUnavailable when it is out of reach, else the database's. */
export class PostgresKeyStore extends KeyStore {
  constructor(private readonly database: TenantDatabase) {
    super();
  }

  async tenantKeys(tenantId: string): Promise<readonly StoredTenantKey[]> {
    const { rows } = await this.query<StoredTenantKey & QueryResultRow>(tenantId, {
      name: 'tenant-keys',
      text: `
        SELECT tenant_id AS "tenantId", purpose, version, wrapped_key AS "wrappedKey", master_key_id AS "masterKeyId"
        FROM tenant_keys WHERE tenant_id = $1`,
      values: [tenantId],
    });
    return rows;
  }

  async addTenantKey({ tenantId, purpose, version, wrappedKey, masterKeyId }: StoredTenantKey): Promise<void> {
    await this.query(tenantId, {
      text: `
        INSERT INTO tenant_keys (tenant_id, purpose, version, wrapped_key, master_key_id)
        SELECT $1, $2, $3::int, $4::bytea, $5 WHERE NOT EXISTS (SELECT FROM destroyed_keys WHERE tenant_id = $1 AND subject_id = '')
        ON CONFLICT (tenant_id, purpose, version) DO NOTHING`,
      values: [tenantId, purpose, version, wrappedKey, masterKeyId],
    });
  }

  async subjectKeys(tenantId: string, subjectIds: readonly string[]): Promise<readonly StoredSubjectKey[]> {
    const { rows } = await this.query<StoredSubjectKey & QueryResultRow>(tenantId, {
      name: 'subject-keys',
      text: `
        SELECT subject_id AS "subjectId", wrapped_key AS "wrappedKey", tenant_key_version AS "tenantKeyVersion"
        FROM subject_keys WHERE tenant_id = $1 AND subject_id = ANY ($2)`,
      values: [tenantId, subjectIds],
    });
    return rows;
  }

  async deleteSubjectKey(tenantId: string, subjectId: string): Promise<boolean> {
    const { rows } = await this.query<{ destroyed: boolean }>(tenantId, {
      text: `
        WITH ${noted('$2')}, swept AS (
          DELETE FROM destroyed_keys 
            WHERE subject_id NOT IN ('', $2) AND destroyed_at < now() - interval '1 day'
        ), gone AS (
          DELETE FROM subject_keys WHERE tenant_id = $1 AND subject_id = $2 RETURNING 1
        ) SELECT EXISTS (SELECT FROM gone) AS destroyed`,
      values: [tenantId, subjectId],
    });
    return rows[0]?.destroyed === true;
  }

  async deleteTenant(tenantId: string): Promise<void> {
    await this.query(tenantId, {
      text: `WITH ${noted(`''`)} DELETE FROM tenant_keys WHERE tenant_id = $1`,
      values: [tenantId],
    });
  }

  async recentlyDestroyed(): Promise<readonly DestroyedKeys[]> {
    const { rows } = await this.database.pool.query<{ tenantId: string; subjectId: string | null }>({
      name: 'recently-destroyed-keys',
      text: `SELECT tenant_id AS "tenantId", nullif(subject_id, '') AS "subjectId" FROM destroyed_keys
        WHERE destroyed_at > now() - interval '1 minute'`,
    });
    return rows.map(({ tenantId, subjectId }) => ({ tenantId, subjectId: subjectId ?? undefined }));
  }

  private async query<Row extends QueryResultRow>(tenantId: string, statement: Statement) {
    try {
      return await this.database.query<Row>(tenantId, statement);
    } catch (cause) {
      throw isConnectionLoss(cause) ? new EventLogUnavailable('The keys are out of reach.', { cause }) : cause;
    }
  }
}

/** The note that tells every process, of the tenant $1. It stands before the key goes: both are one statement. */
const noted = (subjectId: string): string => `noted AS (
  INSERT INTO destroyed_keys (tenant_id, subject_id) VALUES ($1, ${subjectId})
  ON CONFLICT (tenant_id, subject_id) DO UPDATE SET destroyed_at = now()
)`;
