import { upcast, type EventCatalogue, type EventTypeDefinition } from './event-catalogue.js';
import type { EdgeChange } from './edge-index.js';
import type {
  AppendedStream,
  EventLog,
  EventToAppend,
  ExpectedRevision,
  NewSubjectKey,
  StoredEvent,
  StreamGuard,
} from './event-log.js';
import type { EventMetadata, Message, Recorded } from './message.js';
import type { Sealer, SubjectCipher } from './sealer.js';
import { parseStreamName } from './stream-name.js';

/** An event about to be written, with what is known of the request that made it. */
export interface PendingEvent {
  readonly event: Message;
  readonly metadata: EventMetadata;
  /** Of an event that took place in another log, and is told here again: without it the event gets a new id and the request's time. */
  readonly origin?: EventOrigin;
}

export interface EventOrigin {
  readonly id: string;
  readonly time: Date;
  /** What was personal of it could not be read there any more, and nobody can read it here. */
  readonly erased: boolean;
}

export interface StreamWrite {
  readonly tenantId: string;
  readonly streamName: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly PendingEvent[];
  readonly closes?: boolean;
}

export interface WriteRequest {
  readonly streams: readonly StreamWrite[];
  readonly guards?: readonly StreamGuard[];
  /** When it happened: one moment for everything in the request that has no origin elsewhere. */
  readonly time: Date;
}

const READ_PAGE = 500;
/** Stands where the ciphertext of another log stood whose key is destroyed. Its subject has no key here, so nothing ever tries to open it. */
const LOST = '';

/** The log in terms of the domain: events go in and come out typed, sealed and upcast on the way. */
export class EventStore {
  constructor(
    readonly log: EventLog,
    private readonly sealer: Sealer,
    private readonly catalogue: EventCatalogue,
    /** Makes event ids (UUIDv7). */
    private readonly newId: () => string,
    /** How an event changes the edge index; undefined when it does not. */
    private readonly edgesOf: (event: Message, resourceId: string) => EdgeChange | undefined,
  ) {}

  /** Appends all of it or nothing. Errors as EventLog.append; a RangeError for an event type outside the catalogue. */
  async append(request: WriteRequest): Promise<readonly AppendedStream[]> {
    const subjectKeys: NewSubjectKey[] = [];
    const streams = [];
    for (const write of request.streams) {
      const { id: subjectId } = parseStreamName(write.streamName);
      const cipher = this.needsCipher(write) ? await this.cipherFor(write, subjectId, subjectKeys) : undefined;
      streams.push({
        ...write,
        events: write.events.map((pending) => this.seal(pending, subjectId, cipher, request.time)),
      });
    }
    return this.log.append({
      streams,
      ...(request.guards === undefined ? {} : { guards: request.guards }),
      ...(subjectKeys.length === 0 ? {} : { subjectKeys }),
    });
  }

  /** The whole stream from `from` to `to` (both inclusive), oldest first. */
  async *readStream<Event extends Message>(
    tenantId: string,
    name: string,
    range: { readonly from?: number; readonly to?: number } = {},
  ): AsyncGenerator<Recorded<Event>> {
    let from = range.from ?? 0;
    for (;;) {
      const limits = range.to === undefined ? {} : { to: range.to };
      const page = await this.log.readStream(tenantId, name, { from, limit: READ_PAGE, ...limits });
      for (const recorded of await this.open(page)) yield recorded as Recorded<Event>;
      if (page.length < READ_PAGE) return;
      from += page.length;
    }
  }

  /** Events of a tenant after `after`, in order, at most `limit`. */
  async readTenant(tenantId: string, after: number, limit: number): Promise<readonly Recorded[]> {
    return this.open(await this.log.readTenant(tenantId, after, limit));
  }

  /** Decrypts and upcasts stored events, keeping their order. Types this release does not know are passed on as they are. */
  async open(stored: readonly StoredEvent[]): Promise<readonly Recorded[]> {
    const sealed = stored.filter((event) => typeof event.data['sealed'] === 'string');
    const opened = await this.sealer.open(
      sealed.map((event) => ({
        tenantId: event.tenantId,
        subjectId: parseStreamName(event.streamName).id,
        eventId: event.id,
        sealed: String(event.data['sealed']),
      })),
    );
    let next = 0;
    return stored.map((event) =>
      typeof event.data['sealed'] === 'string'
        ? this.toRecorded(event, true, opened[next++])
        : this.toRecorded(event, false, undefined),
    );
  }

  private needsCipher(write: StreamWrite): boolean {
    return write.events.some(
      ({ event, origin }) => origin?.erased !== true && Object.keys(this.definition(event.type).sealed).length > 0,
    );
  }

  private async cipherFor(write: StreamWrite, subjectId: string, newKeys: NewSubjectKey[]): Promise<SubjectCipher> {
    if (write.expected !== 'no-stream') {
      const known = await this.sealer.subject(write.tenantId, subjectId);
      if (known !== undefined) return known;
      throw new SubjectErased(write.streamName);
    }
    const { cipher, key } = await this.sealer.create(write.tenantId, subjectId);
    newKeys.push(key);
    return cipher;
  }

  private seal(pending: PendingEvent, subjectId: string, cipher: SubjectCipher | undefined, time: Date): EventToAppend {
    const { event, metadata, origin } = pending;
    const { sealed, schemaVersion } = this.definition(event.type);
    const id = origin?.id ?? this.newId();
    const plain: Record<string, unknown> = {};
    const personal: Record<string, unknown> = {};
    for (const [field, value] of Object.entries(event.data))
      (Object.hasOwn(sealed, field) ? personal : plain)[field] = value;
    if (Object.hasOwn(plain, 'sealed'))
      throw new RangeError(`${event.type} has a plain field 'sealed', the name under which ciphertext is stored.`);
    if (Object.keys(personal).length > 0) {
      if (origin?.erased === true) plain['sealed'] = LOST;
      else if (cipher !== undefined) plain['sealed'] = cipher.seal(id, personal);
    }
    const edges = this.edgesOf(event, subjectId);
    return {
      id,
      type: event.type,
      schemaVersion,
      data: plain,
      metadata,
      time: origin?.time ?? time,
      ...(edges === undefined ? {} : { edges }),
    };
  }

  private toRecorded(
    stored: StoredEvent,
    wasSealed: boolean,
    personal: Readonly<Record<string, unknown>> | undefined,
  ): Recorded {
    const { sealed: _, ...plain } = stored.data;
    const definition = this.catalogue[stored.type];
    const erased = wasSealed && personal === undefined;
    const standIns = erased ? definition?.sealed : undefined;
    const data = { ...plain, ...personal, ...standIns };
    return {
      tenantId: stored.tenantId,
      sequence: stored.sequence,
      streamName: stored.streamName,
      resourceId: parseStreamName(stored.streamName).id,
      revision: stored.revision,
      eventId: stored.id,
      schemaVersion: Math.max(definition?.schemaVersion ?? 0, stored.schemaVersion), // a newer release may have written it
      event: {
        type: stored.type,
        data:
          definition === undefined
            ? data
            : { ...upcast(stored.type, definition, stored.schemaVersion, data), ...standIns },
      },
      metadata: stored.metadata,
      time: stored.time,
      erased,
    };
  }

  private definition(type: string): EventTypeDefinition {
    const definition = this.catalogue[type];
    if (definition === undefined) throw new RangeError(`The event type ${type} is not in the catalogue.`);
    return definition;
  }
}

/** The subject's key is destroyed, so nothing more can be written about it. */
export class SubjectErased extends Error {
  readonly code = 'subject-erased';
  constructor(readonly streamName: string) {
    super(`The subject of ${streamName} was erased.`);
    this.name = 'SubjectErased';
  }
}
