export { specify, type Specification, type Verdict } from './specify.js';
export { InMemorySealer } from './in-memory-sealer.js';
export {
  clubCommands,
  clubEvents,
  clubStream,
  codes,
  processOn,
  someMetadata,
  withUsers,
  type ClubCommand,
  type ClubEvent,
  type ClubState,
} from './club.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
export { WatchedEventLog } from './watched-event-log.js';
export { eventLogContract, type LogUnderTest } from './event-log-contract.js';
export { edgeWrite, eventOf, newTenant, write } from './log-writes.js';
export { listenOnWire } from './kurrent-wire/listen-on-wire.js';
export { InMemoryKurrentServer, type InMemoryServerOptions } from './kurrent-server/in-memory-kurrent-server.js';
