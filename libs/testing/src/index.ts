export { specify, type Specification, type Verdict } from './specify.js';
export { InMemorySealer } from './in-memory-sealer.js';
export {
  clubEvents,
  clubStream,
  processOn,
  someMetadata,
  type ClubCommand,
  type ClubEvent,
  type ClubState,
} from './club.js';
export { createTestDatabase, type TestDatabase } from './test-database.js';
