import {
  AppendTooLarge,
  ConcurrencyConflict,
  type AppendedStream,
  type AppendRequest,
  type Conflict,
  type EventMetadata,
  type EventToAppend,
} from '#event-sourcing';

export interface AppendLimits {
  /** Bytes of JSON that the events of one request may take. */
  readonly maxRequestBytes: number;
}

interface EventJson {
  readonly data: string;
  readonly metadata: string;
}

/** A request made ready once, when it arrives: what is large is text already. */
export interface PreparedAppend {
  readonly request: AppendRequest;
  readonly tenants: ReadonlySet<string>;
  readonly written: ReadonlySet<string>;
  readonly guarded: ReadonlySet<string>;
  /** The JSON of each event, in order of the streams. */
  readonly json: readonly EventJson[];
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
  const json = eventsJson(streams.flatMap(({ events }) => events));
  const bytes = json.reduce(
    (sum, { data, metadata }) => sum + Buffer.byteLength(data) + Buffer.byteLength(metadata),
    0,
  );
  if (bytes > limits.maxRequestBytes) throw new AppendTooLarge(limits.maxRequestBytes);
  return { request, tenants, written, guarded: new Set(guards.map(streamKey)), json, bytes };
};

const streamKey = ({ tenantId, streamName }: { tenantId: string; streamName: string }) => `${tenantId} ${streamName}`;

/** Events of one request mostly share their metadata, so those are written down once. */
const eventsJson = (events: readonly EventToAppend[]): readonly EventJson[] => {
  const known = new Map<EventMetadata, string>();
  return events.map(({ data, metadata }) => {
    const text = known.get(metadata) ?? JSON.stringify(metadata);
    known.set(metadata, text);
    return { data: JSON.stringify(data), metadata: text };
  });
};

/** What `append_events` answers. */
export interface AppendResult {
  readonly conflicts: readonly (readonly [isGuard: boolean, index: number, actual: number | null])[];
  /** What was written, by column: the 1-based write, its last revision and sequence; null when every request was refused. */
  readonly writes: readonly number[] | null;
  readonly revisions: readonly number[] | null;
  readonly sequences: readonly number[] | null;
}

/** What became of one request. */
export type AppendOutcome = { readonly appended: readonly AppendedStream[] } | { readonly error: Error };

/** What became of each request of the batch, in order. */
export const outcomes = (batch: readonly PreparedAppend[], result: AppendResult): readonly AppendOutcome[] => {
  const { writes, revisions, sequences } = result;
  const placeOf = new Map(writes?.map((one, place) => [one, place]));
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
      const place = placeOf.get(write);
      if (place !== undefined)
        appended.push({ tenantId, streamName, revision: revisions?.[place] ?? 0, sequence: sequences?.[place] ?? 0 });
    }
    for (const { tenantId, streamName } of request.guards ?? []) {
      guard += 1;
      conflicts.push(...conflictAt(`true ${guard}`, { tenantId, streamName, expected: 'open' }));
    }
    return conflicts.length > 0 ? { error: new ConcurrencyConflict(conflicts) } : { appended };
  });
};
