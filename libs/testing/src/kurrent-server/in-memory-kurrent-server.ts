import { setImmediate as turn } from 'node:timers/promises';
import type {
  AppendRecordInput,
  AppendResponse,
  AppendStreamRequest,
  ConsistencyCheck,
  ReadStreamOptions,
  ResolvedEvent,
} from '@kurrent/kurrentdb-client';
import type { KurrentClient, KurrentServer, ReadRecord } from '#event-store-kurrentdb';
import { InMemorySubscription } from './in-memory-subscription.js';

export interface InMemoryServerOptions {
  /** What the server says it is, 26.1.0 unless told. */
  readonly version?: string;
  readonly maxAppendSize?: number;
}

type Expected = AppendStreamRequest['expectedState'];
export interface Violation {
  readonly checkIndex: number;
  readonly streamName: string;
  readonly expectedState: Expected;
  readonly actualState: bigint;
}
type Input = AppendRecordInput['record'];

/** An error of the client, known by its `type`. */
const failure = (type: string, details: object = {}): Error =>
  Object.assign(new Error(`KurrentDB answered ${type}.`), { type, ...details });

/**
 * What the adapter relies on in a KurrentDB server, for tests: written from the server's source (StreamsService, IndexWriter.CheckCommit,
 * AllSubscriptionFiltered), never compared with a running one. Checks and writes of an append happen at once and together.
 */
export class InMemoryKurrentServer implements KurrentServer {
  private readonly streams = new Map<string, ReadRecord[]>();
  private readonly log: ReadRecord[] = [];
  private readonly subscriptions = new Set<InMemorySubscription>();
  private readonly maxAppendSize: number;
  /** What the server says it is; another one after an upgrade. */
  runs: string;
  /** Set to fail every call as a server does that is not there. */
  isDown = false;
  /** Runs before the next append is looked at; what it throws is the answer. */
  beforeAppend: () => void | Promise<void> = () => undefined;
  /** Runs when an append is written; what it throws the client gets instead of the answer. */
  afterAppend: () => void = () => undefined;
  appends = 0;
  reads = 0;
  /** Where each subscription asked to begin. */
  readonly subscribedFrom: (bigint | undefined)[] = [];

  constructor({ version = '26.1.0', maxAppendSize = 256 * 1024 ** 2 }: InMemoryServerOptions = {}) {
    this.runs = version;
    this.maxAppendSize = maxAppendSize;
  }

  readonly client: KurrentClient = {
    multiStreamAppend: (requests) =>
      this.append(
        requests.flatMap(({ streamName, events }) => events.map((record) => ({ streamName, record }))),
        requests.map(({ streamName, expectedState }) => ({ streamName, expectedState })),
        ([first]) => failure('wrong-expected-version', first),
      ),
    appendRecords: async (records, checks = []) => {
      if (this.runs < '26.1') throw failure('unknown'); // no such method
      return this.append(records, checks, (violations) => failure('append-consistency-violation', { violations }));
    },
    readStream: (streamName, options) => this.readStream(streamName, options),
    subscribeToAll: ({ fromPosition, filter } = {}) => {
      const prefixes = filter !== undefined && 'prefixes' in filter ? filter.prefixes : [''];
      const position = typeof fromPosition === 'object' ? fromPosition.commit : undefined;
      this.subscribedFrom.push(position);
      const after = position ?? -1n;
      const subscription = new InMemorySubscription(prefixes, (gone) => this.subscriptions.delete(gone));
      this.subscriptions.add(subscription);
      void turn().then(() =>
        this.isDown
          ? subscription.fail(failure('unavailable'))
          : subscription.start(this.log.filter((record) => (record.position?.commit ?? 0n) > after)),
      );
      return subscription;
    },
    dispose: async () => undefined,
  };

  async version(): Promise<string> {
    this.refuseWhenDown();
    return this.runs;
  }

  /** Ends every subscription, as a server does with a consumer that is too slow, or when it stops. */
  dropSubscriptions(): void {
    for (const subscription of [...this.subscriptions]) subscription.fail(failure('unavailable'));
  }

  /** Names of all streams, for looking at what was written. */
  streamNames(): readonly string[] {
    return [...this.streams.keys()];
  }

  private async append(
    records: readonly AppendRecordInput[],
    checks: readonly Pick<ConsistencyCheck, 'streamName' | 'expectedState'>[],
    refusal: (violations: readonly Violation[]) => Error,
  ): Promise<{ position: bigint; responses: AppendResponse[] }> {
    await turn();
    this.refuseWhenDown();
    await this.beforeAppend();
    this.appends += 1;
    refuseInvalid(records, checks);
    if (sizeOfAll(records) > this.maxAppendSize)
      throw failure('transaction-max-size-exceeded', { maxSize: this.maxAppendSize });
    const violations = checks.flatMap(({ streamName, expectedState }, checkIndex) =>
      this.isAt(streamName, expectedState)
        ? []
        : [{ checkIndex, streamName, expectedState, actualState: this.lastRevision(streamName) }],
    );
    if (violations.length > 0) throw refusal(violations);
    const written = records.map(({ streamName, record }) => this.write(streamName, record));
    for (const subscription of this.subscriptions) subscription.push(written);
    this.afterAppend();
    const revisions = new Map(written.map(({ streamId, revision }) => [streamId, revision]));
    const responses = [...revisions].map(([streamName, revision]) => ({ streamName, revision }));
    return { position: BigInt(this.log.length - 1), responses };
  }

  private isAt(streamName: string, expected: Expected): boolean {
    const last = this.lastRevision(streamName);
    if (expected === 'any') return true;
    if (expected === 'stream_exists') return last >= 0n;
    return last === (expected === 'no_stream' ? -1n : expected);
  }

  /** -1 for a stream that does not exist. */
  private lastRevision(streamName: string): bigint {
    return BigInt((this.streams.get(streamName)?.length ?? 0) - 1);
  }

  private write(streamId: string, { id, type, data, metadata }: Input): ReadRecord {
    const stream = this.streams.get(streamId) ?? [];
    this.streams.set(streamId, stream);
    const position = { commit: BigInt(this.log.length), prepare: BigInt(this.log.length) };
    const stored = {
      streamId,
      id,
      type,
      revision: BigInt(stream.length),
      isJson: true,
      created: new Date(),
      data: JSON.parse(JSON.stringify(data)) as Record<string, unknown>,
      metadata: { ...(metadata as object), '$schema.name': type, '$schema.format': 'Json' },
      position,
    } as unknown as ReadRecord;
    stream.push(stored);
    this.log.push(stored);
    return stored;
  }

  private async *readStream(
    streamName: string,
    { direction = 'forwards', fromRevision = 'start', maxCount = Infinity }: ReadStreamOptions = {},
  ): AsyncGenerator<ResolvedEvent> {
    await turn();
    this.refuseWhenDown();
    this.reads += 1;
    const stream = this.streams.get(streamName);
    if (stream === undefined) throw failure('stream-not-found', { streamName });
    const from = typeof fromRevision === 'bigint' ? Number(fromRevision) : 0;
    const ordered = direction === 'backwards' ? [...stream].reverse() : stream.slice(from);
    for (const event of ordered.slice(0, Number(maxCount))) yield { event };
  }

  private refuseWhenDown(): void {
    if (this.isDown) throw failure('unavailable');
  }
}

/** What client and server refuse before they look at any stream. */
const refuseInvalid = (
  records: readonly AppendRecordInput[],
  checks: readonly Pick<ConsistencyCheck, 'streamName'>[],
): void => {
  const checked = new Set(checks.map(({ streamName }) => streamName.toLowerCase()));
  if (checked.size < checks.length) throw failure('unknown', { reason: 'Each stream can only appear once.' });
  if (records.length === 0) throw failure('unknown', { reason: 'An append has at least one record.' });
  for (const { record } of records) {
    if (!/^[\p{L}\p{N}_.$:-]+$/u.test(record.type)) throw failure('unknown', { reason: 'schema name' });
    if (Object.values(record.metadata as object).some((value) => typeof value !== 'string'))
      throw new Error('multiStreamAppend requires metadata to be a plain object with string keys and string values.');
  }
};

/** Data, properties and the name of the type, as the server counts them. */
const sizeOfAll = (records: readonly AppendRecordInput[]): number =>
  records.reduce((sum, { record }) => {
    const properties = Object.entries(record.metadata ?? {})
      .flat()
      .join('');
    return sum + Buffer.byteLength(JSON.stringify(record.data) + properties + record.type);
  }, 0);
