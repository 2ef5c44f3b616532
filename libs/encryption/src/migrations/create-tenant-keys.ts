import { tenantWall, type Migration, type MigrationRunner } from '#postgres';

/** Tenant keys, wrapped by the master key that `master_key_id` names. Rotating either writes a row or rewraps one; none is ever reused. */
export class CreateTenantKeys1767225600100 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE tenant_keys (
        tenant_id text COLLATE "C" NOT NULL,
        purpose text COLLATE "C" NOT NULL CHECK (purpose IN ('data', 'claims')),
        version integer NOT NULL CHECK (version > 0),
        wrapped_key bytea NOT NULL,
        master_key_id text COLLATE "C" NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, purpose, version)
      )`);
    for (const statement of tenantWall('tenant_keys')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT, DELETE ON tenant_keys TO rollcall_service');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE tenant_keys');
  }
}
