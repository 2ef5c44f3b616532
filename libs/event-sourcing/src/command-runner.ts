import { ConcurrencyConflict } from './event-log.js';
import type { EventStore, StreamWrite, WriteRequest } from './event-store.js';
import { foldOne, unfolded, type Folded } from './folded.js';
import { LeastRecentlyUsed } from './least-recently-used.js';
import type { EventMetadata, Message } from './message.js';
import type { Sealer } from './sealer.js';
import { streamName } from './stream-name.js';
import type { Claim, StreamType } from './stream-type.js';

export interface CommandRequest<Command extends Message> {
  readonly tenantId: string;
  readonly resourceId: string;
  readonly command: Command;
  readonly metadata: EventMetadata;
  /** Throws when the client's precondition (If-Match) does not hold for the stream as it stands; revision -1: no stream. */
  readonly precondition?: (revision: number) => void;
}

export interface CommandResult<State, Event extends Message> extends Folded<State> {
  /** What the command changed; empty when it changed nothing. */
  readonly events: readonly Event[];
}

/** Another resource holds a value that must be unique. */
export class ClaimTaken extends Error {
  readonly code = 'claim-taken';
  constructor(readonly kind: string) {
    super(`Another resource of this tenant holds this ${kind}.`);
    this.name = 'ClaimTaken';
  }
}

/** Other writers were first again and again until the time was up. */
export class TooContended extends Error {
  readonly code = 'too-contended';
  constructor() {
    super('The resource is being changed by many writers at once; try again.');
    this.name = 'TooContended';
  }
}

export interface CommandRunnerOptions {
  readonly retryForMs: number;
  readonly maxBatch: number;
  readonly cachedStates: number;
  readonly delay: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly now: () => Date;
  readonly monotonicMs: () => number;
}

interface Waiting {
  readonly request: CommandRequest<Message>;
  readonly resolve: (result: CommandResult<unknown, Message>) => void;
  readonly reject: (error: unknown) => void;
}

type AnyStreamType = StreamType<unknown, Message, Message, unknown>;

interface Holder {
  readonly resourceId: string;
  readonly metadata: EventMetadata;
}

interface Decision {
  readonly waiting: Waiting;
  readonly outcome:
    { readonly events: readonly Message[]; readonly after: Folded<unknown> } | { readonly refusal: unknown };
}

/**
 * Runs commands: fold, decide, append, and decide again when another writer was first. Commands on one stream queue in the process, are
 * decided in turn and appended as one batch (DESIGN §4, concurrency); claims make values unique without a read before the write.
 */
export class CommandRunner {
  private readonly queues = new Map<string, Waiting[]>();
  private readonly cache: LeastRecentlyUsed<Folded<unknown>>;

  constructor(
    private readonly store: EventStore,
    private readonly sealer: Sealer,
    private readonly options: CommandRunnerOptions,
  ) {
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
      const waiting = { request, resolve, reject } as unknown as Waiting;
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

  /** Current state of a resource from its stream: exact at the log's head. */
  async read<State, Event extends Message>(
    type: StreamType<State, never, Event, never>,
    tenantId: string,
    resourceId: string,
  ): Promise<Folded<State>> {
    return (await this.fold(type as unknown as AnyStreamType, tenantId, resourceId)) as Folded<State>;
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
    const deadline = this.options.monotonicMs() + this.options.retryForMs;
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (await this.attempt(name, type, batch)) return;
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) {
          if (batch.length === 1 || !(error instanceof ClaimTaken)) throw error;
          await this.oneByOne(name, type, batch); // so that the claim's refusal reaches the command that earned it
          return;
        }
        this.cache.delete(name);
        if (this.options.monotonicMs() > deadline) throw new TooContended();
        await this.options.delay(Math.min(2 ** attempt, 100) * (0.5 + this.options.random()));
      }
    }
  }

  private async oneByOne(name: string, type: AnyStreamType, batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) {
      try {
        await this.runBatch(name, type, [waiting]);
      } catch (error) {
        waiting.reject(error);
      }
    }
  }

  /** Decides and appends the batch once; false when a cached state proved stale and it has to be done again. */
  private async attempt(name: string, type: AnyStreamType, batch: readonly Waiting[]): Promise<boolean> {
    const [first] = batch;
    if (first === undefined) return true;
    const { tenantId, resourceId } = first.request;
    const cached = this.cache.get(name);
    const before = cached ?? (await this.fold(type, tenantId, resourceId));
    const time = this.options.now();
    const decisions = await this.decideInTurn(type, before, batch, time);
    const last = decisions.findLast(({ outcome }) => 'events' in outcome && outcome.events.length > 0);
    if (last === undefined) {
      // Nothing will be appended, so nothing would notice a stale cache: ask the log.
      if (cached !== undefined && (await this.revisionOf(tenantId, name)) !== cached.revision) {
        this.cache.delete(name);
        return false;
      }
    } else {
      await this.append(name, type, before, decisions, time);
    }
    this.cache.set(name, settle(decisions) ?? before);
    return true;
  }

  private async decideInTurn(
    type: AnyStreamType,
    before: Folded<unknown>,
    batch: readonly Waiting[],
    time: Date,
  ): Promise<Decision[]> {
    const [first] = batch;
    if (first === undefined) return [];
    const { tenantId, resourceId } = first.request;
    let facts = await type.facts.load(
      tenantId,
      resourceId,
      batch.map(({ request }) => request.command),
    );
    let current = before;
    return batch.map((waiting) => {
      try {
        waiting.request.precondition?.(current.revision);
        const events = type.decider.decide(waiting.request.command, current.state, facts);
        for (const event of events) {
          current = foldOne(type.decider, current, { event, revision: current.revision + 1, time });
          facts = type.facts.follow(facts, event);
        }
        return { waiting, outcome: { events, after: current } };
      } catch (refusal) {
        return { waiting, outcome: { refusal } };
      }
    });
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
    const { tenantId, resourceId, metadata } = last;
    const after = last.after.state;
    const events = accepted.flatMap((one) => one.events.map((event) => ({ event, metadata: one.metadata })));
    const claimsBefore = type.claims(before.state);
    const claimsAfter = type.claims(after);
    await this.appendWithClaims(
      {
        streams: [
          {
            tenantId,
            streamName: name,
            expected: before.revision < 0 ? 'no-stream' : before.revision,
            events,
            closes: type.isClosed(after),
          },
          ...(await this.releases(tenantId, without(claimsBefore, claimsAfter), { resourceId, metadata })),
        ],
        guards: type.facts.guards(
          tenantId,
          events.map(({ event }) => event),
        ),
        time,
      },
      without(claimsAfter, claimsBefore),
      { tenantId, resourceId, metadata },
    );
  }

  /** Only its holder releases a claim, and the holder's own stream is checked: any revision of the claim's stream will do. */
  private async releases(tenantId: string, claims: readonly Claim[], by: Holder): Promise<StreamWrite[]> {
    return Promise.all(
      claims.map(async (claim) => ({
        tenantId,
        streamName: await this.claimStream(tenantId, claim),
        expected: 'any' as const,
        events: [{ event: { type: 'ClaimReleased', data: { resourceId: by.resourceId } }, metadata: by.metadata }],
      })),
    );
  }

  private async appendWithClaims(
    request: WriteRequest,
    claims: readonly Claim[],
    by: Holder & { tenantId: string },
  ): Promise<void> {
    const { tenantId, resourceId, metadata } = by;
    const taken = await Promise.all(
      claims.map(async (claim) => ({ claim, name: await this.claimStream(tenantId, claim) })),
    );
    const released = new Map<string, number>();
    for (;;) {
      const takes = taken.map(({ name }) => ({
        tenantId,
        streamName: name,
        expected: released.get(name) ?? ('no-stream' as const),
        events: [{ event: { type: 'ClaimTaken', data: { resourceId } }, metadata }],
      }));
      try {
        await this.store.append({ ...request, streams: [...request.streams, ...takes] });
        return;
      } catch (error) {
        if (!(error instanceof ConcurrencyConflict)) throw error;
        const contested = taken.filter(({ name }) => error.conflicts.some((conflict) => conflict.streamName === name));
        if (contested.length < error.conflicts.length) throw error;
        for (const { claim, name } of contested) released.set(name, await this.releasedRevision(tenantId, name, claim));
      }
    }
  }

  private async claimStream(tenantId: string, { kind, value }: Claim): Promise<string> {
    return streamName('claim', tenantId, `${kind}-${await this.sealer.claimHash(tenantId, kind, value)}`);
  }

  /** The revision to expect of a claim stream that exists: its last event must be a release. Throws ClaimTaken. */
  private async releasedRevision(tenantId: string, name: string, claim: Claim): Promise<number> {
    const revision = await this.revisionOf(tenantId, name);
    for await (const { event } of this.store.readStream(tenantId, name, { from: Math.max(revision, 0), to: revision }))
      if (event.type === 'ClaimReleased') return revision;
    throw new ClaimTaken(claim.kind);
  }

  private async revisionOf(tenantId: string, name: string): Promise<number> {
    return (await this.store.log.positions(tenantId, [name])).get(name)?.revision ?? -1;
  }

  private async fold(type: AnyStreamType, tenantId: string, resourceId: string): Promise<Folded<unknown>> {
    let folded = unfolded(type.decider);
    for await (const recorded of this.store.readStream(tenantId, streamName(type.kind, tenantId, resourceId)))
      folded = foldOne(type.decider, folded, recorded);
    return folded;
  }
}

const settle = (decisions: readonly Decision[]): Folded<unknown> | undefined => {
  let last: Folded<unknown> | undefined;
  for (const { waiting, outcome } of decisions) {
    if ('refusal' in outcome) {
      waiting.reject(outcome.refusal);
      continue;
    }
    last = outcome.after;
    waiting.resolve({ ...last, events: outcome.events });
  }
  return last;
};

const without = (claims: readonly Claim[], others: readonly Claim[]): readonly Claim[] =>
  claims.filter(({ kind, value }) => !others.some((other) => other.kind === kind && other.value === value));
