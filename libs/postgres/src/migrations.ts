import { ServiceClient } from './service-client.js';
import { DataSource, type QueryRunner } from 'typeorm';
import { ensureServiceRole } from './service-role.js';

/** What a migration may do: run SQL. */
export type MigrationRunner = Pick<QueryRunner, 'query'>;

/** One step of the schema; TypeORM's shape. The class name ends in a timestamp of 13 digits, which orders the steps of all libs. */
export interface Migration {
  up(runner: MigrationRunner): Promise<void>;
  down(runner: MigrationRunner): Promise<void>;
}

export type MigrationClass = new () => Migration;

const LOCK = 7_265_001; // any number, the same in every release

/**
 * Brings the schema up to date as its owner: the service role first, then each migration not yet run, each in its own transaction. Processes
 * that start at once wait for each other. Errors: the database's.
 */
export const runMigrations = async (ownerUrl: string, migrations: readonly MigrationClass[]): Promise<void> => {
  const session = new ServiceClient({ connectionString: ownerUrl, application_name: 'rollcall-migrations' });
  await session.connect();
  try {
    await session.query('SELECT pg_advisory_lock($1)', [LOCK]); // released with the session
    await ensureServiceRole(session);
    const source = new DataSource({
      type: 'postgres',
      url: ownerUrl,
      applicationName: 'rollcall-migrations',
      migrations: [...migrations],
      migrationsTableName: 'schema_migrations',
      migrationsTransactionMode: 'each',
      extra: { max: 1 },
      logging: false,
    });
    await source.initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  } finally {
    await session.end();
  }
};

/** Statements that let the service role see and write rows of `table` only for the tenant of the session (TenantDatabase). */
export const tenantWall = (table: string): readonly string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY tenant_wall ON ${table} USING (tenant_id = current_setting('app.tenant_id', true))`,
];
