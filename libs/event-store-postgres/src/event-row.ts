import type { EventMetadata, StoredEvent } from '#event-sourcing';

/** A row of `events` as the driver gives it: bigint as text. */
export interface EventRow {
  readonly tenant_id: string;
  readonly sequence: string;
  readonly stream_name: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly schema_version: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
  readonly time: Date;
}

export const toStoredEvent = (row: EventRow): StoredEvent => ({
  tenantId: row.tenant_id,
  sequence: Number(row.sequence),
  streamName: row.stream_name,
  revision: row.revision,
  id: row.id,
  type: row.type,
  schemaVersion: row.schema_version,
  data: row.data,
  metadata: row.metadata,
  time: row.time,
});
