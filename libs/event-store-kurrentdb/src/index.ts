import type { MigrationClass } from '#postgres';
import { CreateKurrentdbFollowers1795300000000 } from './schema/create-kurrentdb-followers.js';

export {
  connectKurrentServer,
  type KurrentClient,
  type KurrentServer,
  type KurrentSubscription,
} from './kurrent-client.js';
export { KurrentEventLog, type BesideTheLog, type KurrentEventLogOptions } from './kurrent-event-log.js';
export { KurrentEdgeIndex } from './kurrent-edge-index.js';
export { PostgresHeadCheckpoints } from './postgres-head-checkpoints.js';
export { PostgresSubjectKeys, SubjectKeys } from './subject-keys.js';
export { HeadCheckpoints, type HeadCheckpoint } from './tenant-heads.js';
export type { ReadRecord } from './records.js';

/** What stands in PostgreSQL beside the log, for `runMigrations`; needs the schema of the PostgreSQL log for edges and keys. */
export const kurrentdbMigrations: readonly MigrationClass[] = [CreateKurrentdbFollowers1795300000000];
