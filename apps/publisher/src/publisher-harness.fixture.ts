import { randomUUID } from 'node:crypto';
import { Registry } from 'prom-client';
import { topicName, topicsOf, type TopicKind } from '#contracts';
import { directoryEvents, isDirectoryEvent, membershipEdges, type DirectoryEvent } from '#directory';
import { controlStreamName, EventStore, InMemoryEventLog, streamName, type Recorded } from '#event-sourcing';
import {
  KafkajsAdapter,
  KafkaPort,
  KafkaUnavailable,
  partitionFor,
  ProducerLost,
  type ReceivedRecord,
  type TransactionalProducer,
} from '#kafka';
import { InMemorySealer, someMetadata } from '#testing';
import { tenancyEvents } from '#tenancy';
import { InMemoryPartitionLeases } from './in-memory-partition-leases.fixture.js';
import type { PartitionLeases } from './partition-leases.js';
import { Publisher } from './publisher.js';
import { PublisherMetrics } from './publisher-metrics.js';

const endsResource = ({ type }: DirectoryEvent): boolean => type === 'UserDeleted' || type === 'GroupDeleted';

const PARTITIONS = 3;
const DEADLINE_MS = 30_000;

/** Where a publisher may die. */
export type Moment = 'before the commit' | 'after the commit';

/** Real Kafka that fails as told: the producer is left as a killed process leaves it. */
export class FailingKafka extends KafkaPort {
  failures = 0;
  fails: (moment: Moment) => boolean = () => false;
  readonly verifyTopics: KafkaPort['verifyTopics'];
  readonly readToEnd: KafkaPort['readToEnd'];
  readonly follow: KafkaPort['follow'];
  readonly reachable: KafkaPort['reachable'];
  readonly close: KafkaPort['close'];

  private readonly left: TransactionalProducer[] = [];

  constructor(private readonly real: KafkaPort) {
    super();
    this.verifyTopics = real.verifyTopics.bind(real);
    this.readToEnd = real.readToEnd.bind(real);
    this.follow = real.follow.bind(real);
    this.reachable = real.reachable.bind(real);
    this.close = real.close.bind(real);
  }

  async openProducer(transactionalId: string): Promise<TransactionalProducer> {
    const producer = await this.real.openProducer(transactionalId);
    this.left.push(producer);
    return {
      close: async () => {}, // a killed process closes nothing
      begin: async () => {
        const transaction = await producer.begin();
        return {
          send: (records) => transaction.send(records),
          commit: async () => {
            this.dieAt('before the commit');
            await transaction.commit();
            this.dieAt('after the commit');
          },
        };
      },
    };
  }

  /** Lets the connections of the killed go, at the end of the test. */
  async bury(): Promise<void> {
    await Promise.all(this.left.map((producer) => producer.close()));
  }

  private dieAt(moment: Moment): void {
    if (!this.fails(moment)) return;
    this.failures += 1;
    throw new ProducerLost(`Killed ${moment}.`, false);
  }
}

/** A log of its own, topics of its own, and the publishers of a test. */
export class PublisherHarness {
  readonly topicPrefix = `publisher.${randomUUID()}`;
  readonly log = new InMemoryEventLog();
  readonly sealer = new InMemorySealer();
  readonly store = new EventStore(
    this.log,
    this.sealer,
    { ...directoryEvents, ...tenancyEvents },
    randomUUID,
    membershipEdges,
  );
  readonly said: string[] = [];
  private readonly publishers: Publisher[] = [];
  private readonly registries: Registry[] = [];
  private readonly killed: FailingKafka[] = [];
  private readonly revisions = new Map<string, number>();

  constructor(readonly kafka: KafkajsAdapter) {}

  publisher(kafka: KafkaPort = this.kafka, leases: PartitionLeases = new InMemoryPartitionLeases()): Publisher {
    const registry = new Registry();
    this.registries.push(registry);
    const note = (_: object, message: string): void => void this.said.push(message);
    const publisher = new Publisher(
      {
        store: this.store,
        edges: this.log.edges,
        kafka,
        leases,
        metrics: new PublisherMetrics(registry),
        log: { debug: () => {}, info: note, warn: note, error: note },
      },
      { topicPrefix: this.topicPrefix, partitions: PARTITIONS, pollMs: 20, balanceMs: 100 },
    );
    this.publishers.push(publisher);
    publisher.start();
    return publisher;
  }

  /** A publisher that dies when `fails` says so. */
  failingKafka(): FailingKafka {
    const failing = new FailingKafka(this.kafka);
    this.killed.push(failing);
    return failing;
  }

  /** Sum of a metric over all publishers, of the series with these labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metrics = await Promise.all(this.registries.map(async (registry) => registry.getSingleMetric(name)?.get()));
    return metrics
      .flatMap((metric) => metric?.values ?? [])
      .filter((series) => Object.entries(labels).every(([label, value]) => series.labels[label] === value))
      .reduce((sum, { value }) => sum + value, 0);
  }

  /** Topics that exist already: reading them does not wait for a publisher. */
  async makeTopics(): Promise<void> {
    await this.kafka.verifyTopics(topicsOf(this.topicPrefix, PARTITIONS));
  }

  async append(tenantId: string, id: string, ...events: readonly DirectoryEvent[]): Promise<void> {
    const kind = events[0]?.type.startsWith('User') === true ? 'user' : 'group';
    const name = streamName(kind, tenantId, id);
    const expected = this.revisions.get(name) ?? 'no-stream';
    const pending = events.map((event) => ({ event, metadata: someMetadata(`txn-${randomUUID()}`) }));
    const [stream] = await this.store.append({
      streams: [{ tenantId, streamName: name, expected, events: pending, closes: events.some(endsResource) }],
      time: new Date(),
    });
    this.revisions.set(name, stream?.revision ?? 0);
  }

  /** Ends the tenant, as the control plane does. */
  async eraseTenant(tenantId: string): Promise<void> {
    const event = { type: 'TenantErased', data: {} };
    const streamName = controlStreamName(tenantId);
    const events = [{ event, metadata: someMetadata(`txn-${randomUUID()}`) }];
    await this.store.append({ streams: [{ tenantId, streamName, expected: 'no-stream', events }], time: new Date() });
  }

  /** The tenant's events that the public hears of, in order. */
  async publicEvents(tenantId: string): Promise<readonly Recorded[]> {
    const events = await this.store.readTenant(tenantId, 0, Number.MAX_SAFE_INTEGER);
    return events.filter(({ event }) => isDirectoryEvent(event));
  }

  /** What a reader of committed records finds of the tenant on a topic, once there are `count` records, or in vain at the deadline. */
  records(tenantId: string, kind: TopicKind, count: number): Promise<readonly ReceivedRecord[]> {
    return this.read(tenantId, kind, (records) => records.length >= count);
  }

  /**
   * The tenant's changes, read once one more event has come through. Whatever is published late or twice comes before that one: a
   * count alone would stop before it sees the record too many.
   */
  async settledChanges(tenantId: string): Promise<readonly ReceivedRecord[]> {
    await this.append(tenantId, randomUUID(), {
      type: 'UserCreated',
      data: { attributes: { userName: 'last' }, active: true },
    });
    const last = (await this.publicEvents(tenantId)).at(-1)?.eventId;
    return this.read(tenantId, 'changes', (records) => records.at(-1)?.headers['ce_id'] === last);
  }

  private async read(
    tenantId: string,
    kind: TopicKind,
    isEnough: (records: readonly ReceivedRecord[]) => boolean,
  ): Promise<readonly ReceivedRecord[]> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const records: ReceivedRecord[] = [];
      const topic = topicName(this.topicPrefix, kind);
      try {
        await this.kafka.readToEnd(topic, partitionFor(tenantId, PARTITIONS), (record) => {
          if (record.headers['ce_tenantid'] === tenantId) records.push(record);
        });
        if (isEnough(records) || Date.now() > deadline) return records;
      } catch (error) {
        if (!(error instanceof KafkaUnavailable) || Date.now() > deadline) throw error; // a slow broker: ask again
      }
    }
  }

  /** Waits until something holds, or fails at the deadline. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error('It did not come to hold in time.');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.publishers.map((publisher) => publisher.stop()));
    await Promise.all(this.killed.map((failing) => failing.bury()));
  }
}
