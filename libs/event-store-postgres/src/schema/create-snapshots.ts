import { tenantWall, type Migration, type MigrationRunner } from '#postgres';

/**
 * Snapshots of folded states, sealed with the keys they stand under: destroying a key, of a subject or of all of a tenant, takes them along, and none
 * can be written for a key that is gone. The cascade works as the owner of the tables, whom no policy stops.
 */
export class CreateSnapshots1795299103036 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE snapshots (
        tenant_id text COLLATE "C" NOT NULL,
        stream_name text COLLATE "C" NOT NULL,
        state_version int NOT NULL,
        revision int NOT NULL,
        subject_id text COLLATE "C" NOT NULL,
        event_id uuid NOT NULL,
        created_at timestamptz NOT NULL,
        changed_at timestamptz NOT NULL,
        latest_at timestamptz NOT NULL,
        sealed text NOT NULL,
        PRIMARY KEY (tenant_id, stream_name, state_version, revision),
        FOREIGN KEY (tenant_id, subject_id) REFERENCES subject_keys ON DELETE CASCADE
      )`);
    await runner.query('CREATE INDEX snapshots_by_subject ON snapshots (tenant_id, subject_id)');
    for (const statement of tenantWall('snapshots')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT, DELETE ON snapshots TO rollcall_service');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE snapshots');
  }
}
