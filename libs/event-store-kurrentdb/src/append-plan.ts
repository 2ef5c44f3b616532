import {
  ConcurrencyConflict,
  type AppendedStream,
  type AppendRequest,
  type Conflict,
  type StreamAppend,
  type StreamGuard,
} from '#event-sourcing';
import { inParallel } from './in-parallel.js';
import { CLOSED, eventRecord, gateRecord, headRecord } from './records.js';
import type { ServerFeatures } from './server-version.js';
import { eventStream, gateStream, headStream } from './stream-names.js';
import type { Streams } from './streams.js';
import type { StreamCheck, StreamRecords } from './transaction.js';

const PARALLEL_READS = 32;

/** What one append sends. */
export interface AppendPlan {
  readonly writes: readonly StreamRecords[];
  readonly checks: readonly StreamCheck[];
  /** The revision of the first event written to each stream of the request, in its order. */
  readonly firstRevisions: readonly number[];
}

interface Gate {
  readonly isOpen: boolean;
  readonly expected: bigint | 'no_stream';
}

/** Turns requests into what the server takes, and its refusals into conflicts. */
export class AppendPlanner {
  constructor(
    private readonly streams: Streams,
    /** A sequence the tenant has reached. */
    private readonly headOf: (tenantId: string) => Promise<number>,
  ) {}

  /**
   * `isFirst`: nothing has spoken against the request yet, so no guard is looked at before. Throws ConcurrencyConflict when a look shows that
   * the request cannot pass, EventLogUnavailable, and a RangeError for a request that no log can take.
   */
  async plan(request: AppendRequest, features: ServerFeatures, isFirst: boolean): Promise<AppendPlan> {
    refuseMalformed(request);
    const firstRevisions = await inParallel(request.streams, PARALLEL_READS, (stream) => this.nextRevision(stream));
    const heads = new Map<string, number>();
    for (const { tenantId } of request.streams)
      if (!heads.has(tenantId)) heads.set(tenantId, await this.headOf(tenantId));
    // Unlooked at, a gate is taken for one that nobody ever wrote to.
    const gates = isFirst && features.checksOtherStreams ? new Map<string, never>() : await this.openGates(request);
    const writes = [
      ...eventWrites(request, firstRevisions, heads),
      ...request.streams
        .filter(({ closes }) => closes === true)
        .map((stream) => ({ stream: gateOf(stream), expected: 'any' as const, records: [gateRecord(CLOSED)] })),
    ];
    const guarding = features.checksOtherStreams ? [] : foundOpen(gates, writes);
    return {
      writes: [...writes, ...guarding, ...headWrites(request, firstRevisions)],
      checks: features.checksOtherStreams ? guardChecks(request, gates) : [],
      firstRevisions,
    };
  }

  /** What stands against the request now; `suspects`: the only streams that may, when the server has named them. */
  async conflicts(request: AppendRequest, suspects?: ReadonlySet<string>): Promise<readonly Conflict[]> {
    const named = (...names: readonly string[]) => suspects === undefined || names.some((name) => suspects.has(name));
    const written = request.streams.filter((one) => one.expected !== 'any' && named(streamOf(one)));
    const guards = (request.guards ?? []).filter((one) => named(streamOf(one), gateOf(one)));
    const moved = await inParallel(written, PARALLEL_READS, async ({ tenantId, streamName, expected }) => {
      const actual = await this.revision({ tenantId, streamName });
      return actual === (expected === 'no-stream' ? undefined : expected)
        ? []
        : [{ tenantId, streamName, expected, actual }];
    });
    const closed = await inParallel(guards, PARALLEL_READS, async (guard) => {
      const [actual, { isOpen }] = await Promise.all([this.revision(guard), this.gate(guard)]);
      return actual !== undefined && isOpen ? [] : [{ ...guard, expected: 'open' as const, actual }];
    });
    return [...moved, ...closed].flat();
  }

  /** Whether the stream is open, whatever it holds. */
  async gate(stream: StreamGuard): Promise<Gate> {
    const last = await this.streams.last(gateOf(stream));
    return last === undefined
      ? { isOpen: true, expected: 'no_stream' }
      : { isOpen: last.type !== CLOSED, expected: last.revision };
  }

  /** The stream's last revision; undefined when it does not exist. */
  async revision(stream: StreamGuard): Promise<number | undefined> {
    const last = await this.streams.last(streamOf(stream));
    return last === undefined ? undefined : Number(last.revision);
  }

  /** The head's entries name revisions, so where the writer does not care the stream is looked at first, and held to it. */
  private async nextRevision(stream: StreamAppend): Promise<number> {
    if (stream.expected === 'any') return ((await this.revision(stream)) ?? -1) + 1;
    return stream.expected === 'no-stream' ? 0 : stream.expected + 1;
  }

  private async openGates(request: AppendRequest): Promise<ReadonlyMap<string, Gate['expected']>> {
    const found = await inParallel(request.guards ?? [], PARALLEL_READS, async (guard) => {
      const [revision, gate] = await Promise.all([this.revision(guard), this.gate(guard)]);
      return { guard, passes: revision !== undefined && gate.isOpen, expected: gate.expected };
    });
    if (found.some(({ passes }) => !passes)) throw new ConcurrencyConflict(await this.conflicts(request));
    return new Map(found.map(({ guard, expected }) => [gateOf(guard), expected]));
  }
}

/** Where each stream of the request now ends. `headRevisions`: the last revision of each tenant's head after the append. */
export const appendedStreams = (
  { streams }: AppendRequest,
  firstRevisions: readonly number[],
  headRevisions: ReadonlyMap<string, bigint>,
): readonly AppendedStream[] => {
  const next = new Map<string, number>();
  for (const { tenantId, events } of streams) {
    const before = next.get(tenantId) ?? Number(headRevisions.get(headStream(tenantId)) ?? NaN) + 1;
    next.set(tenantId, before - events.length);
  }
  return streams.map(({ tenantId, streamName, events }, index) => {
    const sequence = (next.get(tenantId) ?? NaN) + events.length;
    next.set(tenantId, sequence);
    return { tenantId, streamName, revision: (firstRevisions[index] ?? NaN) + events.length - 1, sequence };
  });
};

const streamOf = ({ tenantId, streamName }: StreamGuard): string => eventStream(tenantId, streamName);
const gateOf = ({ tenantId, streamName }: StreamGuard): string => gateStream(tenantId, streamName);

const refuseMalformed = ({ streams }: AppendRequest): void => {
  if (new Set(streams.map(streamOf)).size < streams.length) throw new RangeError('A request names a stream twice.');
  if (streams.some(({ events }) => events.length === 0)) throw new RangeError('A stream of a request has no event.');
};

const eventWrites = (
  { streams }: AppendRequest,
  firstRevisions: readonly number[],
  heads: ReadonlyMap<string, number>,
): readonly StreamRecords[] =>
  streams.map((stream, index) => ({
    stream: streamOf(stream),
    expected: expectedBefore(firstRevisions[index] ?? 0),
    records: stream.events.map((event) => eventRecord(event, heads.get(stream.tenantId) ?? 0)),
  }));

const expectedBefore = (firstRevision: number): bigint | 'no_stream' =>
  firstRevision === 0 ? 'no_stream' : BigInt(firstRevision - 1);

/** One entry an event, at any revision of the head: writers of one tenant never stand in each other's way. */
const headWrites = ({ streams }: AppendRequest, firstRevisions: readonly number[]): readonly StreamRecords[] => {
  const heads = new Map<string, StreamRecords['records'][number][]>();
  for (const [index, { tenantId, streamName, events }] of streams.entries()) {
    const entries = heads.get(tenantId) ?? [];
    heads.set(tenantId, entries);
    for (const [n, { edges }] of events.entries()) {
      const revision = (firstRevisions[index] ?? 0) + n;
      entries.push(headRecord({ stream: streamName, revision, edges: edges !== undefined }));
    }
  }
  return [...heads].map(([tenantId, records]) => ({ stream: headStream(tenantId), expected: 'any', records }));
};

/** Without checks of other streams, an append that needs one open writes beside it, so that closing it and this append exclude each other. */
const foundOpen = (
  gates: ReadonlyMap<string, Gate['expected']>,
  writes: readonly StreamRecords[],
): readonly StreamRecords[] => {
  const written = new Set(writes.map(({ stream }) => stream));
  return [...gates]
    .filter(([stream]) => !written.has(stream))
    .map(([stream, expected]) => ({ stream, expected, records: [gateRecord('FoundOpen')] }));
};

const guardChecks = (
  { guards = [] }: AppendRequest,
  gates: ReadonlyMap<string, Gate['expected']>,
): readonly StreamCheck[] =>
  guards.flatMap((guard) => [
    { stream: streamOf(guard), expected: 'stream_exists' as const },
    { stream: gateOf(guard), expected: gates.get(gateOf(guard)) ?? ('no_stream' as const) },
  ]);
