import { Claims, ClaimTaken } from './claims.js';
import {
  decideInTurn,
  movesOf,
  settle,
  type AnyStreamType,
  type CommandRequest,
  type CommandResult,
  type Decision,
  type Waiting,
} from './decide-in-turn.js';
import { AppendTooLarge, ConcurrencyConflict } from './event-log.js';
import { SubjectErased, type EventStore } from './event-store.js';
import { unfolded, type Folded } from './folded.js';
import { LeastRecentlyUsed } from './least-recently-used.js';
import type { Message } from './message.js';
import type { Sealer } from './sealer.js';
import type { FoldLimit } from './snapshot-store.js';
import { StreamFolder, type FoldedStream, type ReadableStreamType } from './stream-folder.js';
import { isStreamOf, streamName } from './stream-name.js';
import type { StreamType } from './stream-type.js';

/** Other writers were first again and again until the time was up. */
export class TooContended extends Error {
  readonly code = 'too-contended';
  constructor() {
    super('The resource is being changed by many writers at once; try again.');
    this.name = 'TooContended';
  }
}

export interface CommandRunnerOptions {
  /** How long a command may meet other writers, from when it came. */
  readonly retryForMs: number;
  readonly maxBatch: number;
  readonly cachedStates: number;
  readonly delay: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly now: () => Date;
  readonly monotonicMs: () => number;
}

/**
 * Runs commands: fold, decide, append, and decide again when another writer was first. Commands on one stream queue in the process, are
 * decided in turn and appended as one batch (DESIGN §4, concurrency); claims make values unique without a read before the write.
 */
export class CommandRunner {
  private readonly queues = new Map<string, Waiting[]>();
  private readonly cache: LeastRecentlyUsed<Folded<unknown>>;
  private readonly claims: Claims;

  constructor(
    private readonly store: EventStore,
    sealer: Sealer,
    private readonly options: CommandRunnerOptions,
    private readonly folder: StreamFolder = new StreamFolder(store, sealer),
  ) {
    this.claims = new Claims(store, sealer);
    this.cache = new LeastRecentlyUsed(options.cachedStates);
  }

  /**
   * Resolves when the events are durable. Errors: what `decide` or the precondition throws; ClaimTaken; TooContended; those of
   * EventLog.append.
   */
  run<State, Command extends Message, Event extends Message, Facts>(
    type: StreamType<State, Command, Event, Facts>,
    request: CommandRequest<Command>,
  ): Promise<CommandResult<State, Event>> {
    const name = streamName(type.kind, request.tenantId, request.resourceId);
    return new Promise((resolve, reject) => {
      const deadline = this.options.monotonicMs() + this.options.retryForMs;
      const waiting = { request, deadline, resolve, reject } as unknown as Waiting;
      const queue = this.queues.get(name);
      if (queue !== undefined) {
        queue.push(waiting);
        return;
      }
      const fresh = [waiting];
      this.queues.set(name, fresh);
      void this.drain(name, type as unknown as AnyStreamType, fresh);
    });
  }

  /** State of a resource from its stream: exact at the log's head, or after the last event that counts. */
  async read<State, Event extends Message>(
    type: ReadableStreamType<State, Event>,
    tenantId: string,
    resourceId: string,
    limit?: FoldLimit,
  ): Promise<FoldedStream<State>> {
    return this.folder.fold(type, tenantId, resourceId, limit);
  }

  /** Drops what is at hand of a resource, or of all resources of a tenant: nothing of the erased stays in memory. */
  forget(tenantId: string, resourceId?: string): void {
    this.cache.deleteWhere((name) => isStreamOf(name, tenantId, resourceId));
  }

  private async drain(name: string, type: AnyStreamType, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const batch = queue.splice(0, this.options.maxBatch);
      try {
        await this.runBatch(name, type, batch);
      } catch (error) {
        for (const waiting of batch) waiting.reject(error);
      }
    }
    this.queues.delete(name);
  }

  private async runBatch(name: string, type: AnyStreamType, batch: readonly Waiting[]): Promise<void> {
    let left = batch;
    for (let attempt = 0; left.length > 0; attempt += 1) {
      try {
        left = left.slice(await this.attempt(name, type, left, attempt === 0));
      } catch (error) {
        const wasCached = this.cache.delete(name); // stale, or after an append of unknown outcome not to be trusted
        if (left.length > 1 && isOfOneCommand(error)) return this.oneByOne(name, type, left);
        if (!(error instanceof ConcurrencyConflict)) throw error;
        left = this.inTime(left);
        // A state that had grown old at hand is no sign of contention: decide again at once.
        if (left.length > 0 && !wasCached)
          await this.options.delay(Math.min(2 ** attempt, 100) * (0.5 + this.options.random()));
      }
    }
  }

  /** So that an error reaches the command that earned it, and no other. */
  private async oneByOne(name: string, type: AnyStreamType, batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) {
      try {
        await this.runBatch(name, type, [waiting]);
      } catch (error) {
        waiting.reject(error);
      }
    }
  }

  private inTime(batch: readonly Waiting[]): readonly Waiting[] {
    const now = this.options.monotonicMs();
    return batch.filter(({ deadline, reject }) => {
      if (now < deadline) return true;
      reject(new TooContended());
      return false;
    });
  }

  /** Decides and appends once; returns how many commands, from the first, are answered. Throws ConcurrencyConflict: do it again. */
  private async attempt(
    name: string,
    type: AnyStreamType,
    batch: readonly Waiting[],
    isFirst: boolean,
  ): Promise<number> {
    const [first] = batch;
    if (first === undefined) return 0;
    const { tenantId, resourceId } = first.request;
    const cached = this.cache.get(name);
    const isNew = isFirst && first.request.isNew === true;
    const before = cached ?? (isNew ? unfolded(type.decider) : placeOf(await this.read(type, tenantId, resourceId)));
    const commands = batch.map(({ request }) => request.command);
    const facts = await type.facts.load(tenantId, resourceId, commands);
    const time = this.options.now();
    const decisions = decideInTurn(type, before, facts, batch, time);
    if (decisions.some(({ outcome }) => 'events' in outcome && outcome.events.length > 0))
      await this.append(name, type, before, decisions, time);
    else if (cached !== undefined || facts !== undefined)
      // Nothing is appended, so nothing has noticed that the state is older than the log, or than the facts.
      await this.demandRevision(tenantId, name, before.revision);
    this.cache.set(name, settle(decisions) ?? before);
    return decisions.length;
  }

  private async append(
    name: string,
    type: AnyStreamType,
    before: Folded<unknown>,
    decisions: readonly Decision[],
    time: Date,
  ): Promise<void> {
    const accepted = decisions.flatMap(({ waiting, outcome }) =>
      'events' in outcome ? [{ ...outcome, ...waiting.request }] : [],
    );
    const last = accepted.at(-1);
    if (last === undefined) return;
    const { tenantId } = last;
    const after = last.after.state;
    const events = accepted.flatMap((one) => one.events.map((event) => ({ event, metadata: one.metadata })));
    const stream = {
      tenantId,
      streamName: name,
      expected: before.revision < 0 ? ('no-stream' as const) : before.revision,
      events,
      closes: type.isClosed(after),
    };
    const guards = type.facts.guards(
      tenantId,
      events.map(({ event }) => event),
    );
    // `decideInTurn` ends with the command that moves claims: the moves are those of the last one.
    await this.claims.append({ streams: [stream], guards, time }, [
      { ...movesOf(type, before.state, after), holder: last },
    ]);
    this.folder.grown(type, tenantId, last.resourceId, { from: before.revision, to: last.after.revision });
  }

  private async demandRevision(tenantId: string, name: string, revision: number): Promise<void> {
    const actual = (await this.store.log.positions(tenantId, [name])).get(name)?.revision;
    if ((actual ?? -1) === revision) return;
    const expected = revision < 0 ? ('no-stream' as const) : revision;
    throw new ConcurrencyConflict([{ tenantId, streamName: name, expected, actual }]);
  }
}

/** What is kept of a stream that was read. */
const placeOf = ({ state, revision, createdAt, changedAt }: Folded<unknown>): Folded<unknown> => ({
  state,
  revision,
  createdAt,
  changedAt,
});

/** Nothing was written, and one command of the batch may be the cause. */
const isOfOneCommand = (error: unknown): boolean =>
  error instanceof ClaimTaken || error instanceof AppendTooLarge || error instanceof SubjectErased;
