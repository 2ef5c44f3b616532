import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

const UP = [
  `CREATE TABLE administrators (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    activated boolean NOT NULL,
    enabled boolean NOT NULL,
    invited_at timestamptz NOT NULL,
    link_expires_at timestamptz NOT NULL,
    last_signed_in_at timestamptz
  )`,
  `CREATE INDEX administrators_of_tenant ON administrators (tenant_id, id)`,
  `CREATE TABLE administrator_persons (
    tenant_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    email_folded text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    link_hash text,
    link_expires_at timestamptz,
    password_hash text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email_folded)
  )`,
  ...tenantWall('administrator_persons'),
  `ALTER TABLE oauth_clients ADD COLUMN authorized_by text, ADD COLUMN authorized_at timestamptz`,
  `CREATE INDEX oauth_grants_of_client ON oauth_artifacts (client_id) WHERE model = 'Grant'`,
  `CREATE TABLE failure_counts (
    key text COLLATE "C" PRIMARY KEY,
    count integer NOT NULL,
    until timestamptz NOT NULL
  )`,
  `CREATE INDEX failure_counts_age ON failure_counts (until)`,
];

/**
 * Tenant administrators: `administrators` follows the log; who they are, and what they sign in with, stands beside it behind the tenant wall.
 * `failure_counts` slows guessing down on all replicas together; its keys are hashes.
 */
export class AddAdministrators1795300142065 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    for (const table of ['administrators', 'administrator_persons', 'failure_counts'])
      await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    for (const table of ['failure_counts', 'administrator_persons', 'administrators'])
      await runner.query(`DROP TABLE ${table}`);
    await runner.query('DROP INDEX oauth_grants_of_client');
    await runner.query('ALTER TABLE oauth_clients DROP COLUMN authorized_by, DROP COLUMN authorized_at');
  }
}
