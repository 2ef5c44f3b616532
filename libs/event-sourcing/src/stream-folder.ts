import type { Decider } from './decider.js';
import type { EventStore } from './event-store.js';
import { foldOne, unfolded, type Folded } from './folded.js';
import type { Message, Recorded } from './message.js';
import type { Sealer } from './sealer.js';
import type { FoldLimit, SnapshotStore, StoredSnapshot } from './snapshot-store.js';
import { streamName, type StreamKind } from './stream-name.js';

/** As much of a stream type as folding needs. */
export interface ReadableStreamType<State, Event extends Message> {
  readonly kind: StreamKind;
  readonly decider: Pick<Decider<State, never, Event, never>, 'initialState' | 'evolve'>;
  /**
   * Version of the state's shape and of the fold that makes it: raised with any change of either. A type without one has no snapshots; its state
   * must be JSON.
   */
  readonly stateVersion?: number;
}

/** A state, and what was seen on the way to it. */
export interface FoldedStream<State> extends Folded<State> {
  /** Tenant sequence of the last event folded, 0 when there is none. */
  readonly sequence: number;
  /** Personal values of an event are gone. */
  readonly erased: boolean;
}

export interface SnapshotPolicy {
  readonly snapshots: SnapshotStore;
  /** A snapshot is made when that many events have been folded since the last one, or from the beginning. */
  readonly everyEvents: number;
  /** How many events are read before a snapshot is looked for; at most `everyEvents`, and that many unless told. */
  readonly lookAfterEvents?: number;
}

interface Stream<State, Event extends Message> {
  readonly type: ReadableStreamType<State, Event>;
  readonly tenantId: string;
  readonly subjectId: string;
  readonly name: string;
  readonly limit: FoldLimit;
}

interface Progress<State> extends FoldedStream<State> {
  readonly eventId: string | undefined;
  readonly latestAt: Date | undefined;
  /** Events folded since the snapshot it began with, or since the beginning. */
  readonly steps: number;
  /** An event was met that does not count. */
  readonly ended: boolean;
}

/**
 * Folds streams. A long one from a snapshot on, which saves time and decides nothing: it must be of this version, open with the subject's key
 * and end with an event that the stream has, else it is passed over; what follows it is always read from the stream.
 */
export class StreamFolder {
  private readonly saving = new Map<string, Promise<void>>();

  constructor(
    private readonly store: EventStore,
    private readonly sealer: Sealer,
    private readonly policy?: SnapshotPolicy,
  ) {}

  /** The state of a resource after the last event that counts; exact at the log's head when no limit is given. */
  async fold<State, Event extends Message>(
    type: ReadableStreamType<State, Event>,
    tenantId: string,
    resourceId: string,
    limit: FoldLimit = {},
  ): Promise<FoldedStream<State>> {
    const name = streamName(type.kind, tenantId, resourceId);
    const stream = { type, tenantId, subjectId: resourceId, name, limit };
    const start = nothingOf(type);
    const { policy } = this;
    if (policy === undefined) return foldedOf(await this.advance(stream, start));
    // Most streams are short and take one read, as without snapshots.
    const { lookAfterEvents = policy.everyEvents } = policy;
    const beginning = await this.advance(stream, start, lookAfterEvents - 1);
    const isShort = beginning.ended || beginning.steps < lookAfterEvents;
    return foldedOf(isShort ? beginning : await this.foldLong(stream, beginning, policy));
  }

  /** The stream has grown from one revision to another: when that is far enough for a snapshot, one is made beside the caller's way. */
  grown<State, Event extends Message>(
    type: ReadableStreamType<State, Event>,
    tenantId: string,
    resourceId: string,
    { from, to }: { readonly from: number; readonly to: number },
  ): void {
    const { policy } = this;
    if (policy === undefined || type.stateVersion === undefined) return;
    if (Math.floor((from + 1) / policy.everyEvents) === Math.floor((to + 1) / policy.everyEvents)) return;
    const name = streamName(type.kind, tenantId, resourceId);
    const stream = { type, tenantId, subjectId: resourceId, name, limit: {} };
    this.beside(name, () => this.foldLong(stream, nothingOf(type), policy));
  }

  /** Resolves when no snapshot is being made. */
  async idle(): Promise<void> {
    while (this.saving.size > 0) await Promise.all(this.saving.values());
  }

  private async foldLong<State, Event extends Message>(
    stream: Stream<State, Event>,
    beginning: Progress<State>,
    policy: SnapshotPolicy,
  ): Promise<Progress<State>> {
    const resumed = await this.resume(stream, policy.snapshots);
    const isFurther = resumed !== undefined && resumed.revision > beginning.revision;
    const whole = await this.advance(stream, isFurther ? resumed : beginning);
    this.keep(stream, whole, policy);
    return whole;
  }

  private async advance<State, Event extends Message>(
    { type, tenantId, name, limit }: Stream<State, Event>,
    start: Progress<State>,
    stopAt = Infinity,
  ): Promise<Progress<State>> {
    const to = Math.min(stopAt, limit.revision ?? Infinity);
    const range = { from: start.revision + 1, ...(to === Infinity ? {} : { to }) };
    let progress = start;
    if (to < range.from) return progress;
    for await (const recorded of this.store.readStream<Event>(tenantId, name, range)) {
      if (limit.time !== undefined && recorded.time > limit.time) return { ...progress, ended: true };
      progress = step(type.decider, progress, recorded);
    }
    return progress;
  }

  /** Where the newest usable snapshot leaves off. A broken one is as good as none. */
  private async resume<State, Event extends Message>(
    stream: Stream<State, Event>,
    snapshots: SnapshotStore,
  ): Promise<Progress<State> | undefined> {
    const { type, tenantId, name, limit } = stream;
    if (type.stateVersion === undefined) return undefined;
    try {
      const snapshot = await snapshots.newest(tenantId, name, type.stateVersion, limit);
      return snapshot && (await this.opened(snapshot));
    } catch {
      return undefined;
    }
  }

  private async opened<State>(snapshot: StoredSnapshot): Promise<Progress<State> | undefined> {
    const { tenantId, subjectId, streamName: name, revision, eventId, createdAt, changedAt, latestAt } = snapshot;
    const [[plain], [last]] = await Promise.all([
      this.sealer.open([{ tenantId, subjectId, eventId: sealOf(snapshot), sealed: snapshot.sealed }]),
      this.store.log.readStream(tenantId, name, { from: revision, limit: 1 }),
    ]);
    // After a restore the stream may have gone another way than the one the snapshot was made on.
    if (plain === undefined || last?.id !== eventId) return undefined;
    const state = plain['state'] as State;
    const { sequence } = last;
    return {
      state,
      revision,
      createdAt,
      changedAt,
      sequence,
      erased: false,
      eventId,
      latestAt,
      steps: 0,
      ended: false,
    };
  }

  private keep<State, Event extends Message>(
    { type, tenantId, subjectId, name }: Stream<State, Event>,
    { state, revision, eventId, createdAt, changedAt, latestAt, steps, erased }: Progress<State>,
    { snapshots, everyEvents }: SnapshotPolicy,
  ): void {
    const { stateVersion } = type;
    if (stateVersion === undefined || steps < everyEvents || erased) return;
    if (eventId === undefined || createdAt === undefined || changedAt === undefined || latestAt === undefined) return;
    this.beside(`${name} ${revision}`, async () => {
      const cipher = await this.sealer.subject(tenantId, subjectId);
      if (cipher === undefined) return;
      const place = { tenantId, streamName: name, subjectId, stateVersion, revision, eventId };
      const sealed = cipher.seal(sealOf(place), { state });
      await snapshots.save({ ...place, createdAt, changedAt, latestAt, sealed });
    });
  }

  /** A snapshot that cannot be made is not missed. */
  private beside(key: string, work: () => Promise<unknown>): void {
    if (this.saving.has(key)) return;
    const done = work()
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.saving.delete(key));
    this.saving.set(key, done);
  }
}

/** Binds the sealed state to its place, so that it opens nowhere else. */
const sealOf = ({ eventId, stateVersion }: Pick<StoredSnapshot, 'eventId' | 'stateVersion'>): string =>
  `${eventId}/snapshot/${stateVersion}`;

const nothingOf = <State>({ decider }: ReadableStreamType<State, never>): Progress<State> => ({
  ...unfolded(decider),
  sequence: 0,
  erased: false,
  eventId: undefined,
  latestAt: undefined,
  steps: 0,
  ended: false,
});

const foldedOf = <State>(progress: Progress<State>): FoldedStream<State> => {
  const { state, revision, createdAt, changedAt, sequence, erased } = progress;
  return { state, revision, createdAt, changedAt, sequence, erased };
};

const step = <State, Event extends Message>(
  decider: Pick<Decider<State, never, Event, never>, 'evolve'>,
  before: Progress<State>,
  recorded: Recorded<Event>,
): Progress<State> => ({
  ...foldOne(decider, before, recorded),
  sequence: recorded.sequence,
  erased: before.erased || recorded.erased,
  eventId: recorded.eventId,
  latestAt: before.latestAt !== undefined && before.latestAt > recorded.time ? before.latestAt : recorded.time,
  steps: before.steps + 1,
  ended: false,
});
