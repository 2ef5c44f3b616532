export { readModelMigrations } from './migrations/read-model-migrations.js';
export { readModelEntities } from './rows/entities.js';
export { GenerationRow } from './rows/generation-row.js';
export { ProcessCheckpointRow } from './rows/process-checkpoint-row.js';

export {
  defaultBatchEvents,
  DirectoryProjector,
  type Applied,
  type DirectoryProjectorOptions,
} from './projection/directory-projector.js';
export { directoryProjection } from './projection/directory-projection.js';
export {
  Generations,
  type Filling,
  type FillingBehind,
  type FillingStatus,
  type Parked,
  type ParkedEvent,
} from './projection/generations.js';
export { ProcessCheckpoints } from './projection/process-checkpoints.js';
export { ProjectionFault, type ProjectionFaultCode } from './projection/projection-fault.js';
export { projectionOverview, type ProjectionOverview } from './projection/projection-overview.js';
export { Sweeper } from './projection/sweeper.js';
export { TableStatistics } from './projection/table-statistics.js';
export { isTransient } from './projection/transient-errors.js';

export { CheckpointSignal } from './query/checkpoint-signal.js';
export { CheckpointWatch } from './query/checkpoint-watch.js';
export type { CalledUsers } from './query/called-users.js';
export { CustomQueries } from './query/custom-queries.js';
export { DirectoryQueries, type DirectoryPage, type DirectoryRecord } from './query/directory-queries.js';
export type { FindDirectory, FindOfType } from './query/directory-statement.js';
export { GroupQueries, type ShownOfGroup } from './query/group-queries.js';
export type { Keyset, Place } from './query/keyset.js';
export { MembershipQueries, type GroupOfMember, type MemberWithGroups } from './query/membership-queries.js';
export { QueryTooCostly, ReadModelBehind, ReadModelParked } from './query/query-errors.js';
export { ReadBarrier, type LogHead, type ReadBarrierOptions, type ReadState } from './query/read-barrier.js';
export type {
  GroupOfUser,
  GroupRecord,
  MemberOfGroup,
  Page,
  ResourceRecord,
  UserRecord,
} from './query/resource-records.js';
export { ResourceReader, type ReaderOptions } from './query/resource-reader.js';
export type { FindResources } from './query/resource-statement.js';
export { UserQueries, type ShownOfUser } from './query/user-queries.js';
export type { SortBy } from './filter/sort-expression.js';
