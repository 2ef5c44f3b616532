import type { EventMetadata } from './message.js';
import type { EdgeChange } from './edge-index.js';

/** What a writer believes of a stream: its last revision, that it is not there, or nothing at all. */
export type ExpectedRevision = number | 'no-stream' | 'any';

/** An event as adapters see it: personal fields are sealed into `data` already. */
export interface EventToAppend {
  /** UUIDv7, fixed here once and for all: a republish is recognised by it. */
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
  readonly time: Date;
  /** How this event changes the edge index, which the adapter keeps in step with the log. */
  readonly edges?: EdgeChange;
}

export interface StreamAppend {
  readonly tenantId: string;
  readonly streamName: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EventToAppend[];
  /** The resource is gone after these events: guards that want the stream open fail from now on. */
  readonly closes?: boolean;
}

/** A stream that is not written but must exist and not be closed at the moment of the append. */
export interface StreamGuard {
  readonly tenantId: string;
  readonly streamName: string;
}

/** A subject's key as stored: encrypted by the tenant's key, made in the append that first needs it. */
export interface NewSubjectKey {
  readonly tenantId: string;
  readonly subjectId: string;
  readonly wrappedKey: Uint8Array;
  readonly tenantKeyVersion: number;
}

/** All of it happens or none of it. A stream occurs at most once in `streams`. */
export interface AppendRequest {
  readonly streams: readonly StreamAppend[];
  readonly guards?: readonly StreamGuard[];
  readonly subjectKeys?: readonly NewSubjectKey[];
}

export interface AppendedStream {
  readonly tenantId: string;
  readonly streamName: string;
  /** Revision and tenant sequence of the last event written to the stream; the events before it have the numbers before. */
  readonly revision: number;
  readonly sequence: number;
}

export interface StoredEvent {
  readonly tenantId: string;
  readonly sequence: number;
  readonly streamName: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
  readonly time: Date;
}

export interface StreamPosition {
  readonly revision: number;
  readonly open: boolean;
}

export interface Subscription {
  close(): Promise<void>;
}

/** `tenantId` when the hint names one. A wake-up is a hint: it may be lost or come twice, so a reader polls as well. */
export type WakeUp = (tenantId: string | undefined) => void;

/**
 * The log, behind which PostgreSQL or KurrentDB stands. Each tenant's events carry a dense sequence (1, 2, 3 …), and an event becomes
 * readable only after every event of the tenant with a smaller sequence. One contract suite runs against every adapter.
 */
export abstract class EventLog {
  /** Durable when it resolves. Throws ConcurrencyConflict (nothing written) or EventLogUnavailable (outcome unknown or nothing written). */
  abstract append(request: AppendRequest): Promise<readonly AppendedStream[]>;

  /** Events of one stream with `from <= revision <= to`, in order, at most `limit`; empty for an unknown stream. */
  abstract readStream(
    tenantId: string,
    name: string,
    range?: { readonly from?: number; readonly to?: number; readonly limit?: number },
  ): Promise<readonly StoredEvent[]>;

  /** The streams among `names` that exist, by name. */
  abstract positions(tenantId: string, names: readonly string[]): Promise<ReadonlyMap<string, StreamPosition>>;

  /** Events of the tenant with `sequence > after`, in order and without gaps, at most `limit`. */
  abstract readTenant(tenantId: string, after: number, limit: number): Promise<readonly StoredEvent[]>;

  /** The tenant's last sequence, 0 when it has none. Covers every append acknowledged before the call, by any process. */
  abstract head(tenantId: string): Promise<number>;

  /** Head of every tenant that has events. */
  abstract heads(): Promise<ReadonlyMap<string, number>>;

  /** Calls `wake` soon after appends of any process. */
  abstract subscribe(wake: WakeUp): Promise<Subscription>;
}

export interface Conflict {
  readonly tenantId: string;
  readonly streamName: string;
  readonly expected: ExpectedRevision | 'open';
  /** The stream's revision at that moment, undefined when it does not exist. */
  readonly actual: number | undefined;
}

/** Another writer was first, or a guarded stream is closed. Decide again. */
export class ConcurrencyConflict extends Error {
  readonly code = 'concurrency-conflict';
  constructor(readonly conflicts: readonly Conflict[]) {
    super(`The stream ${conflicts.map((c) => c.streamName).join(', ')} has moved on.`);
    this.name = 'ConcurrencyConflict';
  }
}

/** The log cannot be reached or did not answer in time. */
export class EventLogUnavailable extends Error {
  readonly code = 'event-log-unavailable';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventLogUnavailable';
  }
}

/** The events of one append are larger than the log takes (413). */
export class AppendTooLarge extends Error {
  readonly code = 'append-too-large';
  constructor(readonly limitBytes: number) {
    super(`The change is larger than the event log accepts (${limitBytes} bytes).`);
    this.name = 'AppendTooLarge';
  }
}
