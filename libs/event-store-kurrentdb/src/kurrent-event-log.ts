import {
  AppendTooLarge,
  ConcurrencyConflict,
  EventLog,
  EventLogUnavailable,
  SYSTEM_TENANT,
  type AppendedStream,
  type AppendRequest,
  type StoredEvent,
  type StreamPosition,
  type Subscription,
  type WakeUp,
} from '#event-sourcing';
import { appendedStreams, AppendPlanner, type AppendPlan } from './append-plan.js';
import { inParallel } from './in-parallel.js';
import type { KurrentServer } from './kurrent-client.js';
import { sizeOf } from './records.js';
import { askOnce, type ServerFeatures } from './server-version.js';
import { eventStream, headStream } from './stream-names.js';
import { StreamTurns } from './stream-turns.js';
import { Streams } from './streams.js';
import type { SubjectKeys } from './subject-keys.js';
import { TenantHeads, type FollowTiming, type HeadCheckpoints } from './tenant-heads.js';
import { TenantReader, type EdgeEvent } from './tenant-reader.js';
import { exceededLimit, isConflict, sendRecords, sendStreams, suspects } from './transaction.js';

export interface KurrentEventLogOptions {
  /** Bytes of records that one append may take, 64 MiB unless told. The server has a limit of its own (MaxAppendSize). */
  readonly maxAppendBytes?: number;
  /** How long an append is sent again while only streams move of which the request expected nothing; 5 s unless told. */
  readonly retryForMs?: number;
  readonly timing?: Partial<FollowTiming>;
}

/** What stands beside the server: keys, which are never copied into it, and how far it was followed. */
export interface BesideTheLog {
  readonly subjectKeys: SubjectKeys;
  readonly checkpoints: HeadCheckpoints;
}

const TIMING: FollowTiming = { reconnectAfterMs: { first: 100, most: 5_000 }, saveEveryMs: 5_000, waitMs: 5_000 };
const EVERYTHING = Number.MAX_SAFE_INTEGER;
const PARALLEL_READS = 32;

/**
 * The event log in KurrentDB. An event stands in its stream, and in the same append an entry goes to the head of its tenant, whose revision + 1
 * is the event's sequence (docs/adr/0010-kurrentdb-appends.md).
 */
export class KurrentEventLog extends EventLog {
  private readonly streams: Streams;
  private readonly planner: AppendPlanner;
  private readonly reader: TenantReader;
  private readonly tenants: TenantHeads;
  private readonly turns = new StreamTurns();
  private readonly features: () => Promise<ServerFeatures>;
  private readonly maxAppendBytes: number;
  private readonly retryForMs: number;

  constructor(
    private readonly server: KurrentServer,
    private readonly beside: BesideTheLog,
    options: KurrentEventLogOptions = {},
  ) {
    super();
    const { maxAppendBytes = 64 * 1024 ** 2, retryForMs = 5_000, timing } = options;
    this.maxAppendBytes = maxAppendBytes;
    this.retryForMs = retryForMs;
    this.streams = new Streams(server.client);
    this.reader = new TenantReader(this.streams);
    this.tenants = new TenantHeads(server.client, beside.checkpoints, { ...TIMING, ...timing });
    this.planner = new AppendPlanner(
      this.streams,
      async (tenantId) => this.tenants.known(tenantId) ?? (await this.head(tenantId)),
    );
    this.features = askOnce(server);
  }

  /** Resolves when the server answers and is one that may be used. Throws EventLogUnavailable, which says what is wrong. */
  async check(): Promise<void> {
    await this.features();
    await this.streams.last(headStream(SYSTEM_TENANT));
  }

  async append(request: AppendRequest): Promise<readonly AppendedStream[]> {
    const lookedAt = request.streams.filter(({ expected }) => expected === 'any');
    const names = lookedAt.map(({ tenantId, streamName }) => eventStream(tenantId, streamName));
    return this.turns.run([...new Set(names)], () => this.appendInTurn(request));
  }

  async readStream(
    tenantId: string,
    name: string,
    range: { readonly from?: number; readonly to?: number; readonly limit?: number } = {},
  ): Promise<readonly StoredEvent[]> {
    const { from = 0, to = EVERYTHING, limit = EVERYTHING } = range;
    const count = Math.min(to - from + 1, limit); // revisions have no gaps
    return count <= 0 ? [] : this.reader.stream(tenantId, name, from, count);
  }

  async positions(tenantId: string, names: readonly string[]): Promise<ReadonlyMap<string, StreamPosition>> {
    const found = await inParallel(names, PARALLEL_READS, async (streamName) => {
      const stream = { tenantId, streamName };
      const [revision, gate] = await Promise.all([this.planner.revision(stream), this.planner.gate(stream)]);
      return revision === undefined ? [] : [[streamName, { revision, open: gate.isOpen }] as const];
    });
    return new Map(found.flat());
  }

  async readTenant(tenantId: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.reader.events(tenantId, after, limit);
  }

  /** For the edge index: see TenantReader.edges. */
  async readEdges(
    tenantId: string,
    after: number,
    limit: number,
  ): Promise<{ readonly events: readonly EdgeEvent[]; readonly reached: number }> {
    return this.reader.edges(tenantId, after, limit);
  }

  async head(tenantId: string): Promise<number> {
    const last = await this.streams.last(headStream(tenantId));
    const sequence = last === undefined ? 0 : Number(last.revision) + 1;
    this.tenants.learn(tenantId, sequence);
    return sequence;
  }

  /** As far as the subscription of this process has come, and every append of its own. */
  async heads(): Promise<ReadonlyMap<string, number>> {
    return this.tenants.all();
  }

  async subscribe(wake: WakeUp): Promise<Subscription> {
    return this.tenants.subscribe(wake);
  }

  /** Stops following and closes the connections. */
  async close(): Promise<void> {
    await this.tenants.close();
    await this.server.client.dispose();
  }

  private async appendInTurn(request: AppendRequest): Promise<readonly AppendedStream[]> {
    const features = await this.features();
    const send = (features.checksOtherStreams ? sendRecords : sendStreams)(this.server.client);
    const deadline = performance.now() + this.retryForMs;
    for (let attempt = 0; ; attempt += 1) {
      const plan = await this.planner.plan(request, features, attempt === 0);
      if (attempt === 0) await this.prepare(request, plan);
      try {
        return this.acknowledged(request, plan, await send(plan.writes, plan.checks));
      } catch (error) {
        await this.explain(request, error);
        if (performance.now() >= deadline)
          throw new EventLogUnavailable('Other writers were first for too long.', { cause: error });
      }
    }
  }

  /** Before anything is sent: the size, then the keys. A key whose append then fails stays behind and harms nobody. */
  private async prepare(request: AppendRequest, { writes }: AppendPlan): Promise<void> {
    const bytes = writes.reduce((sum, write) => write.records.reduce((all, record) => all + sizeOf(record), sum), 0);
    if (bytes > this.maxAppendBytes) throw new AppendTooLarge(this.maxAppendBytes);
    const { subjectKeys: keys = [] } = request;
    if (keys.length === 0 || (await this.beside.subjectKeys.add(keys))) return;
    // What is there was left by a failed attempt, or belongs to events: then the stream exists and this attempt must not touch it.
    const conflicts = await this.planner.conflicts(request);
    if (conflicts.length > 0) throw new ConcurrencyConflict(conflicts);
    await this.beside.subjectKeys.replace(keys);
  }

  /** Returns when the same request may be sent again; else throws what the refusal means to the caller. */
  private async explain(request: AppendRequest, error: unknown): Promise<void> {
    const limit = exceededLimit(error);
    if (limit !== undefined) throw new AppendTooLarge(limit);
    if (!isConflict(error))
      throw new EventLogUnavailable('The event log did not confirm the append.', { cause: error });
    const conflicts = await this.planner.conflicts(request, suspects(error));
    if (conflicts.length > 0) throw new ConcurrencyConflict(conflicts);
  }

  private acknowledged(
    request: AppendRequest,
    { firstRevisions }: AppendPlan,
    revisions: ReadonlyMap<string, bigint>,
  ): readonly AppendedStream[] {
    const appended = appendedStreams(request, firstRevisions, revisions);
    const last = new Map<string, number>();
    for (const [index, { tenantId, streamName, revision, sequence }] of appended.entries()) {
      const count = request.streams[index]?.events.length ?? 0;
      for (let n = 0; n < count; n += 1) this.reader.remember(tenantId, streamName, revision - n, sequence - n);
      last.set(tenantId, sequence);
    }
    for (const [tenantId, sequence] of last) this.tenants.appended(tenantId, sequence);
    return appended;
  }
}
