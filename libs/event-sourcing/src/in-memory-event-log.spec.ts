import { eventLogContract } from '#testing';
import { InMemoryEventLog } from './in-memory-event-log.js';

eventLogContract('the event log in memory', async () => {
  const log = new InMemoryEventLog();
  return { log, edges: log.edges, close: async () => undefined };
});
