import type { QueryResultRow } from 'pg';
import { SnapshotStore, type FoldLimit, type StoredSnapshot } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';

/** Snapshots in PostgreSQL, on either engine: beside the keys that seal them, so that both vanish together. */
export class PostgresSnapshotStore extends SnapshotStore {
  constructor(private readonly database: TenantDatabase) {
    super();
  }

  async newest(
    tenantId: string,
    streamName: string,
    stateVersion: number,
    { revision, time }: FoldLimit,
  ): Promise<StoredSnapshot | undefined> {
    const { rows } = await this.database.query<StoredSnapshot & QueryResultRow>(tenantId, {
      name: 'newest-snapshot',
      text: `
        SELECT tenant_id AS "tenantId", stream_name AS "streamName", subject_id AS "subjectId", state_version AS "stateVersion", revision,
          event_id AS "eventId", created_at AS "createdAt", changed_at AS "changedAt", latest_at AS "latestAt", sealed
        FROM snapshots
        WHERE tenant_id = $1 AND stream_name = $2 AND state_version = $3
          AND ($4::int IS NULL OR revision <= $4) AND ($5::timestamptz IS NULL OR latest_at <= $5)
        ORDER BY revision DESC LIMIT 1`,
      values: [tenantId, streamName, stateVersion, revision, time],
    });
    return rows[0];
  }

  async save(snapshot: StoredSnapshot): Promise<void> {
    const { tenantId, streamName, subjectId, stateVersion, revision, eventId } = snapshot;
    await this.database.query(tenantId, {
      name: 'save-snapshot',
      text: `
        WITH outdated AS (
          DELETE FROM snapshots WHERE tenant_id = $1 AND stream_name = $2 AND state_version < $4
        )
        INSERT INTO snapshots
          (tenant_id, stream_name, subject_id, state_version, revision, event_id, created_at, changed_at, latest_at, sealed)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
        WHERE EXISTS (SELECT FROM subject_keys WHERE tenant_id = $1 AND subject_id = $3)
        ON CONFLICT DO NOTHING`,
      values: [
        ...[tenantId, streamName, subjectId, stateVersion, revision, eventId],
        ...[snapshot.createdAt, snapshot.changedAt, snapshot.latestAt, snapshot.sealed],
      ],
    });
  }
}
