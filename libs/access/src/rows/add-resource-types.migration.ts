import { SERVICE_ROLE, type Migration, type MigrationRunner } from '#postgres';

/** Resource types of tenants; `tenants.schemas_revision` moves with them as it does with their schemas. */
export class AddResourceTypes1795297963113 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE resource_types (
      tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
      name_folded text COLLATE "C" NOT NULL,
      definition jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      changed_at timestamptz NOT NULL,
      PRIMARY KEY (tenant_id, name_folded)
    )`);
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON resource_types TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE resource_types');
  }
}
