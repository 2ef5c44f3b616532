import { topicName, type PublisherPosition } from '#contracts';
import type { OutgoingRecord } from '#kafka';
import type { Part } from './part.js';

const MAX_RECORDS = 1_000;
const MAX_BYTES = 1024 * 1024;
const HEADER_BYTES = 700; // about what the headers of a record take

/** What one Kafka transaction carries: records of several tenants, and where each tenant stands after it. */
export class Batch {
  readonly records: OutgoingRecord[] = [];
  readonly positions = new Map<string, PublisherPosition>();
  private bytes = 0;

  constructor(
    private readonly topicPrefix: string,
    private readonly partition: number,
  ) {}

  /** Enough for one transaction. A part goes in whole: the last one may go beyond the limits, by less than the topics allow. */
  get isFull(): boolean {
    return this.records.length >= MAX_RECORDS || this.bytes >= MAX_BYTES;
  }

  add(tenantId: string, { records, position }: Part): void {
    for (const { topic, key, value, headers } of records) {
      const text = value === null ? null : JSON.stringify(value);
      this.bytes += Buffer.byteLength(text ?? '') + HEADER_BYTES;
      this.records.push({
        topic: topicName(this.topicPrefix, topic),
        partition: this.partition,
        key,
        value: text,
        headers,
      });
    }
    this.positions.set(tenantId, position);
  }

  /** The records that carry the positions, for the same transaction. */
  positionRecords(): readonly OutgoingRecord[] {
    return [...this.positions].map(([tenantId, position]) => ({
      topic: topicName(this.topicPrefix, 'publisher-positions'),
      partition: this.partition,
      key: tenantId,
      value: JSON.stringify(position),
      headers: { 'content-type': 'application/json' },
    }));
  }
}
