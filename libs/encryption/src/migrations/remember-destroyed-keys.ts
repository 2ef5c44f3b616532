import { SERVICE_ROLE, type Migration, type MigrationRunner } from '#postgres';

/**
 * Whose keys were destroyed: every process drops what it remembers of them, and no key is made again for a tenant that was erased (its subject
 * is ''). Ids only, read across tenants: no wall.
 */
export class RememberDestroyedKeys1795298660796 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE destroyed_keys (
        tenant_id text COLLATE "C" NOT NULL,
        subject_id text COLLATE "C" NOT NULL,
        destroyed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, subject_id)
      )`);
    await runner.query('CREATE INDEX destroyed_keys_by_time ON destroyed_keys (destroyed_at)');
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON destroyed_keys TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE destroyed_keys');
  }
}
