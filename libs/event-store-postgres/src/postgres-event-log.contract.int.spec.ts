import { createTestDatabase, eventLogContract } from '#testing';
import { createServicePool } from '#postgres';
import { eventLogMigrations, PostgresEdgeIndex, PostgresEventLog } from './index.js';

eventLogContract('the event log in PostgreSQL', async () => {
  const database = await createTestDatabase(eventLogMigrations);
  const pool = createServicePool({ url: database.ownerUrl, applicationName: 'contract' });
  const log = new PostgresEventLog(pool);
  return {
    log,
    edges: new PostgresEdgeIndex(pool),
    close: async () => {
      await log.close();
      await pool.end();
      await database.drop();
    },
  };
});
