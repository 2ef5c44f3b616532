import { SERVICE_ROLE, type Migration, type MigrationRunner } from '#postgres';

const UP = [
  `ALTER TABLE oauth_clients
    ADD COLUMN authentication jsonb NOT NULL DEFAULT '{"method":"client_secret_basic"}',
    ADD COLUMN last_refusal text,
    ADD COLUMN last_refused_at timestamptz`,
  `CREATE TABLE oauth_artifacts (
    model text COLLATE "C" NOT NULL,
    id_hash text COLLATE "C" NOT NULL,
    client_id text COLLATE "C",
    grant_id text COLLATE "C",
    uid text COLLATE "C",
    payload jsonb NOT NULL,
    consumed_at timestamptz,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (model, id_hash)
  )`,
  `CREATE INDEX oauth_artifacts_of_grant ON oauth_artifacts (grant_id) WHERE grant_id IS NOT NULL`,
  `CREATE INDEX oauth_artifacts_by_uid ON oauth_artifacts (uid) WHERE uid IS NOT NULL`,
  `CREATE INDEX oauth_artifacts_age ON oauth_artifacts (expires_at)`,
  `CREATE TABLE revoked_access (
    client_id text COLLATE "C" NOT NULL,
    id text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (client_id, id)
  )`,
  `CREATE INDEX revoked_access_age ON revoked_access (expires_at)`,
];

/**
 * Operational state of OAuth, outside the log (DESIGN §4): what the authorization server remembers between requests, and which access tokens were
 * revoked before their time. Ids that are secrets stand here as hashes; nothing is personal.
 */
export class AddOAuthState1795297930182 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    for (const table of ['oauth_artifacts', 'revoked_access'])
      await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE revoked_access');
    await runner.query('DROP TABLE oauth_artifacts');
    await runner.query(
      'ALTER TABLE oauth_clients DROP COLUMN authentication, DROP COLUMN last_refusal, DROP COLUMN last_refused_at',
    );
  }
}
