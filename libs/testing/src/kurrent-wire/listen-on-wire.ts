import type { InMemoryKurrentServer } from '../kurrent-server/in-memory-kurrent-server.js';
import type { WireServer } from './wire-server.js'; // the code is loaded only by suites that call: unit suites stay quick

/**
 * Puts the KurrentDB server in memory on the wire, so that the real client can be tried: its two halves (gRPC in JavaScript for appends and
 * subscriptions, a native one for reads), what it makes of properties and revisions, and of errors.
 */
export const listenOnWire = async (server: InMemoryKurrentServer): Promise<WireServer> =>
  (await import('./wire-server.js')).listen(server);
