import { createHash, randomBytes } from 'node:crypto';
import type { Client } from 'pg';
import type { MigrationClass } from '#postgres'; // the code is loaded only by suites that call: unit suites stay quick

export interface TestDatabase {
  /** Logs in as the owner of the schema, whom no policy stops: for setting up and looking behind the wall. */
  readonly ownerUrl: string;
  /** The same login working as the service role, under row-level security: what is tested runs on this. */
  readonly serviceUrl: string;
  /** Ends all sessions on the database and removes it. */
  drop(): Promise<void>;
}

/**
 * A new database with the migrations applied, copied from a template that is made once for each list of migrations. Errors: the suite does not
 * run in a jest project that starts PostgreSQL (`*.int.spec.ts`, `test/e2e`).
 */
export const createTestDatabase = async (migrations: readonly MigrationClass[]): Promise<TestDatabase> => {
  const server = process.env['TEST_DATABASE_URL'];
  if (server === undefined)
    throw new Error('TEST_DATABASE_URL is not set: run this suite in the integration or the e2e project.');
  const { serviceSessionUrl } = await import('#postgres');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(server, async (client) => {
    const template = await migratedTemplate(client, server, migrations);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  });
  const ownerUrl = withDatabase(server, name);
  return {
    ownerUrl,
    serviceUrl: serviceSessionUrl(ownerUrl, { applicationName: 'test' }),
    drop: () => onServer(server, async (client) => void (await client.query(`DROP DATABASE ${name} WITH (FORCE)`))),
  };
};

const LOCK = 7_265_002;

/** Suites in several workers may want the same template at once: one makes it, under a lock that all of them take. */
const migratedTemplate = async (
  client: Client,
  server: string,
  migrations: readonly MigrationClass[],
): Promise<string> => {
  const described = migrations.map((migration) => `${migration.name} ${migration.toString()}`).join('\n');
  const template = `template_${createHash('sha256').update(described).digest('hex').slice(0, 16)}`;
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [template]);
  if (rows.length === 0) {
    const unfinished = `${template}_unfinished`;
    await client.query(`DROP DATABASE IF EXISTS ${unfinished} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${unfinished}`);
    const { runMigrations } = await import('#postgres');
    await runMigrations(withDatabase(server, unfinished), migrations);
    await client.query(`ALTER DATABASE ${unfinished} RENAME TO ${template}`);
  }
  return template;
};

const onServer = async (url: string, work: (client: Client) => Promise<void>): Promise<void> => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client); // a lock taken in it ends with the session
  } finally {
    await client.end();
  }
};

const withDatabase = (url: string, name: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
};
