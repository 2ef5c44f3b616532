import type { QueryResultRow } from 'pg';
import { EventLogUnavailable } from '#event-sourcing';
import { isConnectionLoss, type Statement, type TenantDatabase } from '#postgres';
import { KeyStore, type StoredSubjectKey, type StoredTenantKey } from './key-store.js';

const DELETE_AT_ONCE = 10_000;

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
        INSERT INTO tenant_keys (tenant_id, purpose, version, wrapped_key, master_key_id) VALUES ($1, $2, $3, $4, $5)
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
    const { rowCount } = await this.query(tenantId, {
      text: 'DELETE FROM subject_keys WHERE tenant_id = $1 AND subject_id = $2',
      values: [tenantId, subjectId],
    });
    return rowCount === 1;
  }

  /** The tenant's keys first: without them nothing of the tenant can be read, however long the rest takes or if it is cut off. */
  async deleteTenant(tenantId: string): Promise<void> {
    await this.query(tenantId, { text: 'DELETE FROM tenant_keys WHERE tenant_id = $1', values: [tenantId] });
    let deleted: number;
    do {
      const { rowCount } = await this.query(tenantId, {
        text: `
          DELETE FROM subject_keys WHERE tenant_id = $1 AND subject_id IN
            (SELECT subject_id FROM subject_keys WHERE tenant_id = $1 LIMIT ${DELETE_AT_ONCE})`,
        values: [tenantId],
      });
      deleted = rowCount ?? 0;
    } while (deleted === DELETE_AT_ONCE);
  }

  private async query<Row extends QueryResultRow>(tenantId: string, statement: Statement) {
    try {
      return await this.database.query<Row>(tenantId, statement);
    } catch (cause) {
      throw isConnectionLoss(cause) ? new EventLogUnavailable('The keys are out of reach.', { cause }) : cause;
    }
  }
}
