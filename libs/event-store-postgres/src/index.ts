import type { MigrationClass } from '#postgres';
import { CreateEventLog1795000000000 } from './schema/create-event-log.js';
import { AppendByColumns1795297949469 } from './schema/append-by-columns.js';

export { PostgresEventLog, type PostgresEventLogOptions } from './postgres-event-log.js';
export { PostgresEdgeIndex } from './postgres-edge-index.js';
export { edgesStatement, type EdgeEvent } from './edges-statement.js';

/** The schema of log, membership index and subject keys, for `runMigrations`. */
export const eventLogMigrations: readonly MigrationClass[] = [
  CreateEventLog1795000000000,
  AppendByColumns1795297949469,
];
