import { randomUUID } from 'node:crypto';
import type { JSONEventData, ResolvedEvent } from '@kurrent/kurrentdb-client';
import type { EdgeChange, EventMetadata, EventToAppend, StoredEvent } from '#event-sourcing';

/** A record as the client takes it. Appends to several streams allow metadata of strings only. */
export type KurrentRecord = Omit<JSONEventData, 'metadata'> & { readonly metadata: Record<string, string> };
export type ReadRecord = NonNullable<ResolvedEvent['event']>;

const record = (
  id: string,
  type: string,
  data: Readonly<Record<string, unknown>>,
  metadata: Record<string, string> = {},
): KurrentRecord => ({
  id,
  contentType: 'application/json',
  type,
  data,
  metadata,
});

/** `headBefore`: a sequence the tenant had reached before; where to start looking for the event's own. */
export const eventRecord = (event: EventToAppend, headBefore: number): KurrentRecord =>
  record(event.id, event.type, event.data, {
    schemaVersion: `${event.schemaVersion}`,
    time: event.time.toISOString(),
    headBefore: `${headBefore}`,
    metadata: JSON.stringify(event.metadata),
    ...(event.edges === undefined ? {} : { edges: JSON.stringify(event.edges) }),
  });

/** Which event has the sequence that the revision of this record stands for. */
export interface HeadEntry {
  readonly stream: string;
  readonly revision: number;
  /** The event changes the edge index. */
  readonly edges: boolean;
}

export const headRecord = ({ stream, revision, edges }: HeadEntry): KurrentRecord =>
  record(randomUUID(), 'Sequenced', { stream, revision, ...(edges ? { edges } : {}) });

export const headEntry = (read: ReadRecord): HeadEntry => {
  const { stream, revision, edges = false } = read.data as Partial<HeadEntry>;
  if (typeof stream !== 'string' || typeof revision !== 'number') throw notOurs(read);
  return { stream, revision, edges };
};

export const CLOSED = 'Closed';

/** Closed for ever; or, on a server that cannot check a stream without writing it, found open by an append. */
export const gateRecord = (type: typeof CLOSED | 'FoundOpen'): KurrentRecord => record(randomUUID(), type, {});

export const storedEvent = (
  read: ReadRecord,
  place: Pick<StoredEvent, 'tenantId' | 'streamName' | 'sequence'>,
): StoredEvent => ({
  ...place,
  revision: Number(read.revision),
  id: read.id,
  type: read.type,
  schemaVersion: Number(text(read, 'schemaVersion')),
  data: read.data as Readonly<Record<string, unknown>>,
  metadata: JSON.parse(text(read, 'metadata')) as EventMetadata,
  time: new Date(text(read, 'time')),
});

export const headBeforeOf = (read: ReadRecord): number => Number(text(read, 'headBefore'));

export const edgesOf = (read: ReadRecord): EdgeChange | undefined =>
  'edges' in metadataOf(read) ? (JSON.parse(text(read, 'edges')) as EdgeChange) : undefined;

/** What the server counts for its limits (data, properties, type), and a little more: each property costs some bytes around it. */
export const sizeOf = ({ type, data, metadata }: KurrentRecord): number =>
  Object.entries(metadata).reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value) + 24,
    Buffer.byteLength(type) + Buffer.byteLength(JSON.stringify(data)),
  );

const metadataOf = (read: ReadRecord): object =>
  typeof read.metadata === 'object' && read.metadata !== null ? read.metadata : {};

const text = (read: ReadRecord, name: string): string => {
  const value: unknown = (metadataOf(read) as Record<string, unknown>)[name];
  if (typeof value !== 'string') throw notOurs(read);
  return value;
};

const notOurs = ({ streamId, revision }: ReadRecord): Error =>
  new Error(`Record ${revision} of the KurrentDB stream ${streamId} was not written by Rollcall.`);
