export type { Actor, EventMetadata, Message, Recorded } from './message.js';
export type { Decider } from './decider.js';
export { DomainError } from './domain-error.js';
export { EdgeIndex, type EdgeChange, type EdgePage, type EdgeTarget } from './edge-index.js';
export { upcast, type EventCatalogue, type EventTypeDefinition } from './event-catalogue.js';
export {
  AppendTooLarge,
  ConcurrencyConflict,
  EventLog,
  EventLogUnavailable,
  type AppendedStream,
  type AppendRequest,
  type Conflict,
  type EventToAppend,
  type ExpectedRevision,
  type NewSubjectKey,
  type StoredEvent,
  type StreamAppend,
  type StreamGuard,
  type StreamPosition,
  type Subscription,
  type WakeUp,
} from './event-log.js';
export {
  EventStore,
  SubjectErased,
  type EventOrigin,
  type PendingEvent,
  type StreamWrite,
  type WriteRequest,
} from './event-store.js';
export { foldOne, unfolded, type Folded } from './folded.js';
export { Sealer, type SealedField, type SubjectCipher } from './sealer.js';
export { noFacts, type Claim, type FactSource, type StreamType } from './stream-type.js';
export { claimMoves, Claims, ClaimTaken, type ClaimChange, type ClaimHolder, type ClaimMoves } from './claims.js';
export type { CommandRequest, CommandResult } from './decide-in-turn.js';
export { CommandRunner, TooContended, type CommandRunnerOptions } from './command-runner.js';
export { StreamFolder, type FoldedStream, type ReadableStreamType, type SnapshotPolicy } from './stream-folder.js';
export { SnapshotStore, type FoldLimit, type StoredSnapshot } from './snapshot-store.js';
export {
  controlStreamName,
  isStreamOf,
  parseStreamName,
  streamName,
  SYSTEM_TENANT,
  type StreamKind,
} from './stream-name.js';
export { LeastRecentlyUsed } from './least-recently-used.js';
export { InMemoryEventLog } from './in-memory-event-log.js';
export { InMemoryEdgeIndex } from './in-memory-edge-index.js';
export { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
