import {
  AppendTooLarge,
  ConcurrencyConflict,
  type AppendedStream,
  type AppendRequest,
  type Conflict,
  type EventToAppend,
  type ExpectedRevision,
} from '#event-sourcing';
import { collectEdges, isWithoutEdges, noEdges } from './edge-rows.js';

export interface AppendLimits {
  /** Bytes of JSON that the events of one request may take. */
  readonly maxRequestBytes: number;
}

/** A request made ready once, when it arrives: what is large is text already. */
export interface PreparedAppend {
  readonly request: AppendRequest;
  readonly tenants: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
  readonly guarded: ReadonlySet<string>;
  /** The JSON of each event, in order of the streams. */
  readonly events: readonly string[];
  readonly bytes: number;
}

/** Throws AppendTooLarge, and a RangeError for a request that no log can take. */
export const prepareAppend = (request: AppendRequest, limits: AppendLimits): PreparedAppend => {
  const { streams, guards = [] } = request;
  const written = new Set(streams.map(streamKey));
  if (written.size < streams.length) throw new RangeError('A request names a stream twice.');
  if (streams.some(({ events }) => events.length === 0)) throw new RangeError('A stream of a request has no event.');
  const tenants = new Set([...streams, ...guards].map(({ tenantId }) => tenantId));
  for (const tenantId of tenants)
    if (tenantId === '' || tenantId.includes(',')) throw new RangeError(`'${tenantId}' is no tenant id.`);
  const events = streams.flatMap((stream) => stream.events.map(eventJson));
  const bytes = events.reduce((sum, text) => sum + text.length, 0);
  if (bytes > limits.maxRequestBytes) throw new AppendTooLarge(limits.maxRequestBytes);
  return { request, tenants, written, guarded: new Set(guards.map(streamKey)), events, bytes };
};

const streamKey = ({ tenantId, streamName }: { tenantId: string; streamName: string }) => `${tenantId} ${streamName}`;

const eventJson = ({ id, type, schemaVersion, data, metadata, time }: EventToAppend): string =>
  JSON.stringify({ id, type, v: schemaVersion, data, meta: metadata, time });

/** The one statement of an append; see APPEND_FUNCTION for what it takes. */
export const appendStatement = (batch: readonly PreparedAppend[]) => ({
  name: 'append-events',
  text: 'SELECT append_events($1, $2, $3, $4, $5, $6, $7) AS result',
  values: appendValues(batch),
});

const appendValues = (batch: readonly PreparedAppend[]): unknown[] => {
  const writes: object[] = [];
  const guards: object[] = [];
  const keys: object[] = [];
  const writeOf: number[] = [];
  const edges = noEdges();
  for (const [r, { request }] of batch.entries()) {
    for (const { tenantId: t, streamName: s, expected, closes = false, events } of request.streams) {
      writes.push({ r, t, s, x: expectedNumber(expected), c: closes });
      collectEdges(edges, t, events, writeOf.length);
      for (const _ of events) writeOf.push(writes.length);
    }
    for (const { tenantId: t, streamName: s } of request.guards ?? []) guards.push({ r, t, s });
    for (const { tenantId: t, subjectId: s, wrappedKey, tenantKeyVersion: v } of request.subjectKeys ?? [])
      keys.push({ r, t, s, k: Buffer.from(wrappedKey).toString('hex'), v });
  }
  return [
    [...new Set(batch.flatMap(({ tenants }) => [...tenants]))].sort(),
    JSON.stringify(writes),
    JSON.stringify(guards),
    `[${batch.map(({ events }) => events.join(',')).join(',')}]`,
    `{${writeOf.join(',')}}`,
    keys.length === 0 ? null : JSON.stringify(keys),
    isWithoutEdges(edges) ? null : JSON.stringify(edges),
  ];
};

const expectedNumber = (expected: ExpectedRevision): number =>
  expected === 'no-stream' ? -1 : expected === 'any' ? -2 : expected;

/** What `append_events` answers. */
export interface AppendResult {
  readonly conflicts: readonly (readonly [isGuard: boolean, index: number, actual: number | null])[];
  readonly appended: readonly (readonly [write: number, revision: number, sequence: number])[];
}

/** What became of one request. */
export type AppendOutcome = { readonly appended: readonly AppendedStream[] } | { readonly error: Error };

/** What became of each request of the batch, in order. */
export const outcomes = (batch: readonly PreparedAppend[], result: AppendResult): readonly AppendOutcome[] => {
  const positions = new Map(result.appended.map(([write, revision, sequence]) => [write, { revision, sequence }]));
  const actual = new Map(result.conflicts.map(([isGuard, index, revision]) => [`${isGuard} ${index}`, revision]));
  const conflictAt = (place: string, conflict: Omit<Conflict, 'actual'>): readonly Conflict[] => {
    const revision = actual.get(place);
    return revision === undefined ? [] : [{ ...conflict, actual: revision ?? undefined }];
  };
  let write = 0;
  let guard = 0;
  return batch.map(({ request }) => {
    const appended: AppendedStream[] = [];
    const conflicts: Conflict[] = [];
    for (const { tenantId, streamName, expected } of request.streams) {
      write += 1;
      conflicts.push(...conflictAt(`false ${write}`, { tenantId, streamName, expected }));
      const position = positions.get(write);
      if (position !== undefined) appended.push({ tenantId, streamName, ...position });
    }
    for (const { tenantId, streamName } of request.guards ?? []) {
      guard += 1;
      conflicts.push(...conflictAt(`true ${guard}`, { tenantId, streamName, expected: 'open' }));
    }
    return conflicts.length > 0 ? { error: new ConcurrencyConflict(conflicts) } : { appended };
  });
};
