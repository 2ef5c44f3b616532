import { v7 } from 'uuid';
import type { Logger } from 'pino';
import { directoryEvents, membershipEdges } from '#directory';
import {
  DestroyedKeysWatch,
  EnvelopeSealer,
  LocalMasterKey,
  MasterKeyRing,
  PostgresKeyStore,
  type KeyManagement,
} from '#encryption';
import type { KurrentServer } from '#event-store-kurrentdb';
import {
  CommandRunner,
  EventStore,
  StreamFolder,
  type CommandRunnerOptions,
  type EdgeIndex,
  type EventLog,
} from '#event-sourcing';
import { PostgresSnapshotStore } from '#event-store-postgres';
import { createServicePool, TenantDatabase } from '#postgres';
import type { LogHead } from '#read-model';
import { tenancyEvents } from '#tenancy';
import type { Settings } from '../config/settings.js';
import { openEventLog } from './event-log.js';

/** What every service stands on: the event log, its index of edges, keys, and the database of the read models. */
export interface Stores {
  readonly database: TenantDatabase;
  readonly log: EventLog;
  readonly edges: EdgeIndex;
  /** Where queries find how far the log is: in the database of the read models, or by asking the log. */
  readonly head: LogHead;
  /** Also destroys keys: erasure. */
  readonly sealer: EnvelopeSealer;
  readonly keyManagement: KeyManagement;
  readonly store: EventStore;
  readonly runner: CommandRunner;
  /** Finishes what is under way and closes every connection. */
  close(): Promise<void>;
}

export interface StoresOptions {
  readonly databaseUrl: string;
  /** Base64, 32 bytes. */
  readonly masterKey: string;
  /** Shown in pg_stat_activity. */
  readonly service: string;
  /** Reaches KurrentDB; tests give a server in memory. */
  readonly kurrentServer?: (url: string) => KurrentServer;
}

const QUERY_CONNECTIONS = 10;
/** Three batches of appends under way, the listener, and reads of streams. */
const LOG_CONNECTIONS = 8;
/** An event may name 500 members: what is read of a stream of any length stays below some megabytes, and mostly far below. */
const SNAPSHOTS = { everyEvents: 100, lookAfterEvents: 20 };
/** How long a command is decided again while other writers are first (DESIGN §4). */
const RETRY_FOR_MS = 5_000;

/** What one process erases, every other one forgets within this time: less than 5 s. */
const LOOK_FOR_ERASURES_MS = 2_000;

/** Opens the stores that the settings name. Nothing is connected yet: a database that is down shows in readiness, not here. */
export const openStores = (
  settings: Pick<Settings, 'EVENT_LOG' | 'KURRENTDB_URL' | 'KURRENTDB_MAX_APPEND' | 'MASTER_KEY_PREVIOUS'>,
  options: StoresOptions,
  logger: Logger,
): Stores => {
  const onIdleError = (error: Error) => logger.warn({ reason: error.message }, 'a database connection broke');
  const session = (name: string) => ({
    url: options.databaseUrl,
    applicationName: `rollcall-${options.service}-${name}`,
    onIdleError,
  });
  const queryPool = createServicePool({ ...session('queries'), max: QUERY_CONNECTIONS });
  const logPool = createServicePool({ ...session('log'), max: LOG_CONNECTIONS });
  const database = new TenantDatabase(queryPool);
  const eventLog = openEventLog(settings, logPool, options.kurrentServer);
  const { log, edges, head } = eventLog;
  const keyManagement = new MasterKeyRing(
    new LocalMasterKey(options.masterKey),
    settings.MASTER_KEY_PREVIOUS.map((key) => new LocalMasterKey(key)),
  );
  const keys = new PostgresKeyStore(database);
  const sealer = new EnvelopeSealer(keys, keyManagement);
  const store = new EventStore(log, sealer, { ...directoryEvents, ...tenancyEvents }, v7, membershipEdges);
  const folder = new StreamFolder(store, sealer, {
    snapshots: new PostgresSnapshotStore(database),
    ...SNAPSHOTS,
  });
  const commandOptions: CommandRunnerOptions = {
    retryForMs: RETRY_FOR_MS,
    maxBatch: 64,
    cachedStates: 20_000,
    delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
  };
  const runner = new CommandRunner(store, sealer, commandOptions, folder);
  const watch = new DestroyedKeysWatch(keys, ({ tenantId, subjectId }) => {
    sealer.forget(tenantId, subjectId);
    runner.forget(tenantId, subjectId);
  });
  watch.start(LOOK_FOR_ERASURES_MS);
  const close = async () => {
    await Promise.all([watch.close(), folder.idle()]);
    await eventLog.close();
    await Promise.all([queryPool.end(), logPool.end()]);
  };
  return { database, log, edges, head, sealer, keyManagement, store, runner, close };
};
