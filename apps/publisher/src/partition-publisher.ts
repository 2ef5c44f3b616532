import { parsePublisherPosition, topicName, type PublisherPosition } from '#contracts';
import { EventLogUnavailable, type EventStore } from '#event-sourcing';
import type { KafkaPort, TransactionalProducer } from '#kafka';
import { Backoff } from './backoff.js';
import { Batch } from './batch.js';
import { Bell } from './bell.js';
import type { Publication } from './publication.js';
import type { PublisherLog } from './publisher-log.js';
import type { PublisherMetrics } from './publisher-metrics.js';

const EVENTS_PER_READ = 250;
const PARKED_MS = 5_000;

export interface PartitionContext {
  readonly kafka: KafkaPort;
  readonly store: Pick<EventStore, 'readTenant'>;
  readonly publication: Publication;
  readonly metrics: PublisherMetrics;
  readonly log: PublisherLog;
  readonly topicPrefix: string;
}

/**
 * Publishes the tenants of one partition, in tenant order and exactly once for readers of committed records: records and positions share a
 * transaction. After any error the outcome is unknown; so the producer is dropped, the transactional id opened anew (which ends whatever
 * the old one left open), and only then the positions are read that tell what took place (DESIGN §6).
 */
export class PartitionPublisher {
  private readonly positions = new Map<string, PublisherPosition>();
  private readonly waiting = new Set<string>();
  private readonly parked = new Map<string, number>();
  private readonly bell = new Bell();
  private ready = false;

  constructor(
    readonly partition: number,
    private readonly context: PartitionContext,
  ) {}

  get parkedTenants(): number {
    return this.parked.size;
  }

  /** Up to which sequence the tenant is published; undefined while positions are not known. */
  publishedUpTo(tenantId: string): number | undefined {
    return this.ready ? (this.positions.get(tenantId)?.sequence ?? 0) : undefined;
  }

  /** There may be something to publish. */
  wake(tenantId: string): void {
    this.waiting.add(tenantId);
    this.bell.ring();
  }

  /** Publishes until `signal` is aborted; finishes the transaction at hand. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const backoff = new Backoff();
    while (!signal.aborted) {
      let producer: TransactionalProducer | undefined;
      try {
        producer = await this.open();
        this.context.log.recovered(this.name);
        await this.publish(producer, backoff, signal);
      } catch (error) {
        this.ready = false;
        this.context.log.failed(this.name, error);
        await new Bell().wait(signal, backoff.failed());
      } finally {
        await producer?.close();
      }
    }
    this.context.log.recovered(this.name); // whoever has the partition now speaks for it
  }

  private get name(): string {
    return `partition ${this.partition}`;
  }

  private async open(): Promise<TransactionalProducer> {
    const { kafka, topicPrefix } = this.context;
    const producer = await kafka.openProducer(`${topicPrefix}.publisher.${this.partition}`);
    try {
      this.positions.clear();
      await kafka.readToEnd(topicName(topicPrefix, 'publisher-positions'), this.partition, ({ key, value }) => {
        if (value === null) this.positions.delete(key);
        else this.positions.set(key, parsePublisherPosition(value));
      });
    } catch (error) {
      await producer.close();
      throw error;
    }
    this.ready = true;
    return producer;
  }

  private async publish(producer: TransactionalProducer, backoff: Backoff, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { batch, newest } = await this.gather();
      if (batch.records.length === 0) {
        await this.bell.wait(signal);
        continue;
      }
      try {
        const transaction = await producer.begin();
        await transaction.send([...batch.records, ...batch.positionRecords()]);
        await transaction.commit();
      } catch (error) {
        this.context.metrics.transactions.inc({ outcome: 'failed' });
        for (const tenantId of batch.positions.keys()) this.waiting.add(tenantId);
        throw error;
      }
      for (const [tenantId, position] of batch.positions) this.positions.set(tenantId, position);
      this.count(batch, newest);
      backoff.succeeded();
    }
  }

  /** One transaction's worth, tenants in turn: one with much to publish does not hold up the others. */
  private async gather(): Promise<{ batch: Batch; newest: readonly Date[] }> {
    const batch = new Batch(this.context.topicPrefix, this.partition);
    const newest: Date[] = [];
    for (const tenantId of [...this.waiting]) {
      if (batch.isFull) break;
      this.waiting.delete(tenantId);
      if ((this.parked.get(tenantId) ?? 0) > Date.now()) continue;
      try {
        const { more, time } = await this.gatherTenant(tenantId, batch);
        if (time !== undefined) newest.push(time);
        if (more) this.wake(tenantId);
        this.parked.delete(tenantId);
      } catch (error) {
        this.waiting.add(tenantId);
        if (error instanceof EventLogUnavailable) throw error;
        this.park(tenantId, error);
      }
    }
    return { batch, newest };
  }

  private async gatherTenant(tenantId: string, batch: Batch): Promise<{ more: boolean; time: Date | undefined }> {
    let position = this.positions.get(tenantId) ?? { sequence: 0 };
    // Within an event that takes many transactions only that one is read again, not those behind it as well.
    const limit = position.offset === undefined ? EVENTS_PER_READ : 1;
    const events = await this.context.store.readTenant(tenantId, position.sequence, limit);
    let isPublic = false;
    let time: Date | undefined;
    for (const recorded of events) {
      for await (const part of this.context.publication.partsOf(recorded, position)) {
        position = part.position;
        if (part.records.length > 0) {
          isPublic = true;
          time = recorded.time;
        }
        if (isPublic) batch.add(tenantId, part);
        else this.positions.set(tenantId, position); // nothing to say so far: not worth a transaction
        if (batch.isFull) return { more: true, time };
      }
    }
    return { more: events.length === limit, time };
  }

  /** One tenant's event cannot be read or translated: the others go on, this one waits, nothing of it is skipped. */
  private park(tenantId: string, error: unknown): void {
    if (!this.parked.has(tenantId)) this.context.log.parked(tenantId, error);
    this.parked.set(tenantId, Date.now() + PARKED_MS);
  }

  private count(batch: Batch, newest: readonly Date[]): void {
    const { metrics } = this.context;
    metrics.transactions.inc({ outcome: 'committed' });
    for (const { topic } of batch.records) metrics.published.inc({ topic });
    for (const time of newest) metrics.delay.observe(Math.max(0, Date.now() - time.getTime()) / 1000);
  }
}
