import { EventLogUnavailable, type NewSubjectKey } from '#event-sourcing';
import { isConnectionLoss, type TenantDatabase } from '#postgres';

/** Keys stand beside the log, never in it, and are there before the events that need them. Throw EventLogUnavailable. */
export abstract class SubjectKeys {
  /** Stores the keys of subjects that have none; returns whether those were all. */
  abstract add(keys: readonly NewSubjectKey[]): Promise<boolean>;

  /** Stores the keys instead of what is there. */
  abstract replace(keys: readonly NewSubjectKey[]): Promise<void>;
}

const INSERT = `INSERT INTO subject_keys (tenant_id, subject_id, wrapped_key, tenant_key_version) VALUES ($1, $2, $3, $4)
  ON CONFLICT (tenant_id, subject_id)`;

/** The table of keys that the PostgreSQL log uses as well: what reads and destroys keys knows no difference. */
export class PostgresSubjectKeys extends SubjectKeys {
  constructor(private readonly database: TenantDatabase) {
    super();
  }

  async add(keys: readonly NewSubjectKey[]): Promise<boolean> {
    const added = await this.run(keys, 'add-subject-key', `${INSERT} DO NOTHING`);
    return added === keys.length;
  }

  async replace(keys: readonly NewSubjectKey[]): Promise<void> {
    await this.run(
      keys,
      'replace-subject-key',
      `${INSERT} DO UPDATE SET wrapped_key = excluded.wrapped_key, tenant_key_version = excluded.tenant_key_version, created_at = now()`,
    );
  }

  private async run(keys: readonly NewSubjectKey[], name: string, text: string): Promise<number> {
    try {
      let rows = 0;
      for (const { tenantId, subjectId, wrappedKey, tenantKeyVersion } of keys) {
        const values = [tenantId, subjectId, Buffer.from(wrappedKey), tenantKeyVersion];
        rows += (await this.database.query(tenantId, { name, text, values })).rowCount ?? 0;
      }
      return rows;
    } catch (error) {
      if (isConnectionLoss(error)) throw new EventLogUnavailable('The keys could not be stored.', { cause: error });
      throw error;
    }
  }
}
