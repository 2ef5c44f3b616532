import type { MigrationClass } from '#postgres';
import { AppendByColumns1795297949469 } from './schema/append-by-columns.js';
import { CreateEventLog1795000000000 } from './schema/create-event-log.js';
import { CreateSnapshots1795299103036 } from './schema/create-snapshots.js';

export { PostgresEventLog, type PostgresEventLogOptions } from './postgres-event-log.js';
export { PostgresEdgeIndex } from './postgres-edge-index.js';
export { PostgresSnapshotStore } from './postgres-snapshot-store.js';
export { edgesStatement, type EdgeEvent } from './edges-statement.js';

/** The schema of log, membership index, subject keys and snapshots, for `runMigrations`. */
export const eventLogMigrations: readonly MigrationClass[] = [
  CreateEventLog1795000000000,
  AppendByColumns1795297949469,
  CreateSnapshots1795299103036,
];
