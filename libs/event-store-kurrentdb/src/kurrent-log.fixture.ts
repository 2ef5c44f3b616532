import { eventLogMigrations, PostgresEdgeIndex } from '#event-store-postgres';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, type LogUnderTest } from '#testing';
import {
  KurrentEdgeIndex,
  kurrentdbMigrations,
  KurrentEventLog,
  PostgresHeadCheckpoints,
  PostgresSubjectKeys,
  type KurrentServer,
} from './index.js';

/** A log on a server, with a PostgreSQL database of its own beside it. */
export const kurrentLogOn = async (
  server: KurrentServer,
): Promise<LogUnderTest & { readonly database: TenantDatabase; readonly ownerUrl: string }> => {
  const testDatabase = await createTestDatabase([...eventLogMigrations, ...kurrentdbMigrations]);
  const pool = createServicePool({ url: testDatabase.ownerUrl, applicationName: 'contract' });
  const database = new TenantDatabase(pool);
  const beside = { subjectKeys: new PostgresSubjectKeys(database), checkpoints: new PostgresHeadCheckpoints(pool) };
  const log = new KurrentEventLog(server, beside, { retryForMs: 20_000 });
  const edges = new KurrentEdgeIndex(log, database, new PostgresEdgeIndex(pool));
  edges.start();
  return {
    log,
    edges,
    database,
    ownerUrl: testDatabase.ownerUrl,
    close: async () => {
      await edges.close();
      await log.close();
      await pool.end();
      await testDatabase.drop();
    },
  };
};
