/** A command or an event: a name and the data that belongs to it. */
export type Message<Type extends string = string, Data extends object = object> = Readonly<{
  type: Type;
  data: Readonly<Data>;
}>;

/** Who did it: an OAuth client, a SCIM token, an operator, an administrator of the tenant, or Rollcall itself. Never a person's name. */
export type Actor = Readonly<{ kind: 'client' | 'token' | 'operator' | 'administrator' | 'system'; id: string }>;

/** What is known of the request that caused an event; stored with every event and never changed on the way. */
export interface EventMetadata {
  readonly actor: Actor;
  readonly requestId: string;
  readonly correlationId: string;
  /** Id of the event that caused this one, when a process and not a request did. */
  readonly causationId?: string;
  readonly traceparent?: string;
  /** Joins the events of one request (RFC 9967 `txn`); `{txn}:{index}` in a Bulk request. */
  readonly txn: string;
}

/**
 * An event as it stands in the log, decrypted and upcast to the current schema version.
 * `sequence` is the dense number within the tenant, `revision` the place in the stream; both start at 1 and 0.
 */
export interface Recorded<Event extends Message = Message> {
  readonly tenantId: string;
  readonly sequence: number;
  readonly streamName: string;
  readonly resourceId: string;
  readonly revision: number;
  readonly eventId: string;
  readonly schemaVersion: number;
  readonly event: Event;
  readonly metadata: EventMetadata;
  readonly time: Date;
  /** The subject's key is destroyed: personal fields hold the catalogue's `erased` values. */
  readonly erased: boolean;
}
