import type { Message, Recorded } from '#event-sourcing';
import { setUriOf, type ChangeType } from './change-types.js';

const SEQUENCE_DIGITS = 20;

/** What distinguishes one record of an event from its others. */
export interface Envelope {
  readonly type: ChangeType;
  /** Of the resource's type, as in `/Users`. */
  readonly endpoint: string;
  /** Names the schema of the value. */
  readonly schema: string;
  /** Appended to the event's id where one event makes several records on a topic: `{event id}:{member}`. */
  readonly part?: string;
}

/** `ce_dataschema` of a schema of this contract. A compatible change keeps the name, a breaking one is a new type or topic. */
export const schemaUri = (name: string): string => `urn:rollcall:contract:v1:${name}`;

/** The tenant sequence as text that sorts like the number. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(SEQUENCE_DIGITS, '0');

/**
 * The headers of a record: CloudEvents 1.0 in binary mode (Kafka protocol binding 3.2). A record with a null value is an event without
 * data and a tombstone at once, its headers readable until compaction removes it. Ids are those of the log: a republish shows.
 */
export const cloudEventHeaders = (
  recorded: Recorded<Message>,
  envelope: Envelope,
): Readonly<Record<string, string>> => {
  const { tenantId, resourceId, eventId, metadata } = recorded;
  const setUri = setUriOf[envelope.type];
  return {
    'content-type': 'application/json',
    ce_specversion: '1.0',
    ce_id: envelope.part === undefined ? eventId : `${eventId}:${envelope.part}`,
    ce_source: `/tenants/${tenantId}`,
    ce_type: envelope.type,
    ce_subject: `${envelope.endpoint}/${resourceId}`,
    ce_time: recorded.time.toISOString(),
    ce_dataschema: schemaUri(envelope.schema),
    ce_sequence: sequenceText(recorded.sequence),
    ce_tenantid: tenantId,
    ce_resourceversion: String(recorded.revision),
    ce_txn: metadata.txn,
    ...(setUri === undefined ? {} : { ce_seturi: setUri }),
    ...(metadata.traceparent === undefined ? {} : { ce_traceparent: metadata.traceparent }),
  };
};

/** `{tenant}/{ResourceType}/{id}`: the key of `changes`, `users`, `groups` and `resources`. */
export const resourceKey = (tenantId: string, resourceType: string, id: string): string =>
  `${tenantId}/${resourceType}/${id}`;

/** `{tenant}/{group}/{member}`: the key of `memberships`. */
export const membershipKey = (tenantId: string, groupId: string, memberId: string): string =>
  `${tenantId}/${groupId}/${memberId}`;
