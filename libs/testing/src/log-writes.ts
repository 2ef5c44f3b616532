import { randomUUID } from 'node:crypto';
import type { EdgeChange, EventToAppend, ExpectedRevision, StreamAppend } from '#event-sourcing';

/** An id that no other case uses, so that cases can share a log. */
export const newTenant = (): string => `t-${randomUUID().slice(0, 13)}`;

export const eventOf = (type = 'Happened', edges?: EdgeChange): EventToAppend => ({
  id: randomUUID(),
  type,
  schemaVersion: 1,
  data: { note: type },
  metadata: { actor: { kind: 'system', id: 'contract' }, requestId: 'r', correlationId: 'c', txn: 't' },
  time: new Date(),
  ...(edges === undefined ? {} : { edges }),
});

/** `count` events for one stream. */
export const write = (
  tenantId: string,
  streamName: string,
  expected: ExpectedRevision,
  count: number,
): StreamAppend => ({
  tenantId,
  streamName,
  expected,
  events: Array.from({ length: count }, () => eventOf()),
});

/** Events for one stream that change the edge index, one after the other. */
export const edgeWrite = (tenantId: string, streamName: string, ...changes: readonly EdgeChange[]): StreamAppend => ({
  tenantId,
  streamName,
  expected: 'any',
  events: changes.map((change) => eventOf(change.kind, change)),
});
