import type { Pool } from 'pg';
import type { EdgeIndex, EventLog } from '#event-sourcing';
import {
  connectKurrentServer,
  KurrentEdgeIndex,
  KurrentEventLog,
  PostgresHeadCheckpoints,
  PostgresSubjectKeys,
  type KurrentServer,
} from '#event-store-kurrentdb';
import { PostgresEdgeIndex, PostgresEventLog } from '#event-store-postgres';
import { TenantDatabase } from '#postgres';
import type { LogHead } from '#read-model';
import type { Settings } from '../config/settings.js';

export interface OpenedEventLog {
  readonly log: EventLog;
  readonly edges: EdgeIndex;
  readonly head: LogHead;
  close(): Promise<void>;
}

/** The engine that the settings name, with what it keeps in PostgreSQL on `pool`. Errors: KURRENTDB_URL is no connection string. */
export const openEventLog = (
  {
    EVENT_LOG,
    KURRENTDB_URL,
    KURRENTDB_MAX_APPEND,
  }: Pick<Settings, 'EVENT_LOG' | 'KURRENTDB_URL' | 'KURRENTDB_MAX_APPEND'>,
  pool: Pool,
  kurrentServer: (url: string) => KurrentServer = connectKurrentServer,
): OpenedEventLog => {
  if (EVENT_LOG === 'postgres') {
    const log = new PostgresEventLog(pool);
    return { log, edges: new PostgresEdgeIndex(pool), head: 'same-database', close: () => log.close() };
  }
  if (KURRENTDB_URL === undefined) throw new Error('KURRENTDB_URL is required when EVENT_LOG is kurrentdb.');
  const database = new TenantDatabase(pool);
  const beside = {
    subjectKeys: new PostgresSubjectKeys(database),
    checkpoints: new PostgresHeadCheckpoints(pool),
  };
  const log = new KurrentEventLog(kurrentServer(KURRENTDB_URL), beside, { maxAppendBytes: KURRENTDB_MAX_APPEND });
  const edges = new KurrentEdgeIndex(log, database, new PostgresEdgeIndex(pool));
  edges.start();
  const close = async () => {
    await edges.close();
    await log.close();
  };
  return { log, edges, head: log, close };
};
