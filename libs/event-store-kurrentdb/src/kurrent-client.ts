import { createRequire } from 'node:module';
import type {
  AppendRecordInput,
  AppendRecordsResult,
  AppendStreamRequest,
  CaughtUp,
  ConsistencyCheck,
  MultiAppendResult,
  ReadStreamOptions,
  ResolvedEvent,
  SubscribeToAllOptions,
} from '@kurrent/kurrentdb-client';

/** A subscription of the client, as far as it is used. After an error it says nothing more. */
export interface KurrentSubscription {
  on(event: 'data', listener: (event: ResolvedEvent) => void): unknown;
  on(event: 'caughtUp', listener: (info: CaughtUp) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  unsubscribe(): Promise<void>;
}

/** The calls of `KurrentDBClient` that are used, in its own types: what satisfies it, in memory or real, can stand behind the log. */
export interface KurrentClient {
  multiStreamAppend(requests: AppendStreamRequest[]): Promise<MultiAppendResult>;
  appendRecords(records: AppendRecordInput[], checks?: ConsistencyCheck[]): Promise<AppendRecordsResult>;
  readStream(streamName: string, options?: ReadStreamOptions): AsyncIterable<ResolvedEvent>;
  subscribeToAll(options?: SubscribeToAllOptions): KurrentSubscription;
  dispose(): Promise<void>;
}

/** A client and the version of the server it talks to. */
export interface KurrentServer {
  readonly client: KurrentClient;
  /** As the server tells it (`26.1.0`); `unknown` when it does not. Asks again on a new connection. */
  version(): Promise<string>;
}

/** Connects when first used. Errors: the connection string is not one. */
export const connectKurrentServer = (url: string): KurrentServer => {
  // Loaded only here: the client brings a native part, which an installation on PostgreSQL never needs.
  const { KurrentDBClient } = require('@kurrent/kurrentdb-client') as KurrentPackage;
  const client = KurrentDBClient.connectionString(url);
  return {
    client,
    version: async () => (await (client as unknown as WithCapabilities).capabilities).serverVersion,
  };
};

const require = createRequire(import.meta.url);
type KurrentPackage = typeof import('@kurrent/kurrentdb-client');

/** The client keeps what the server said of itself to itself; a spec beside this file notices when the name goes. */
interface WithCapabilities {
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
}

/** The `type` by which the client tells its errors apart; '' for anything else. */
export const errorType = (error: unknown): string =>
  error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : '';
