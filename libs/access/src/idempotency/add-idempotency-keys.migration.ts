import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/** Requests that may be repeated: hashes, and which resource a request was to create; never what it said or what was answered. */
export class AddIdempotencyKeys1767225600420 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE idempotency_keys (
      tenant_id text COLLATE "C" NOT NULL,
      key_hash text COLLATE "C" NOT NULL,
      body_hash text COLLATE "C" NOT NULL,
      resource_id text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (tenant_id, key_hash)
    )`);
    await runner.query('CREATE INDEX idempotency_keys_age ON idempotency_keys (tenant_id, created_at)');
    for (const statement of tenantWall('idempotency_keys')) await runner.query(statement);
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_keys');
  }
}
