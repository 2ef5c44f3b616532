import { SERVICE_ROLE, type Migration, type MigrationRunner } from '#postgres';

/** Schemas of tenants. `tenants.schemas_revision` moves with them, so that who has them at hand learns of a change by a number. */
export class AddExtensionSchemas1767225600410 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE tenants ADD COLUMN schemas_revision integer NOT NULL DEFAULT 0');
    await runner.query(`CREATE TABLE extension_schemas (
      tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
      urn_folded text COLLATE "C" NOT NULL,
      urn text NOT NULL,
      resource_type text NOT NULL,
      required boolean NOT NULL,
      schema jsonb NOT NULL,
      created_at timestamptz NOT NULL,
      changed_at timestamptz NOT NULL,
      PRIMARY KEY (tenant_id, urn_folded)
    )`);
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON extension_schemas TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE extension_schemas');
    await runner.query('ALTER TABLE tenants DROP COLUMN schemas_revision');
  }
}
