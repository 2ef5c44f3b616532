import { topicName, topicsOf, topicKinds } from '#contracts';
import { SYSTEM_TENANT, type EdgeIndex, type EventStore } from '#event-sourcing';
import { partitionFor, TopicUnusable, type KafkaPort } from '#kafka';
import { Backoff } from './backoff.js';
import { Bell } from './bell.js';
import { EndOfTenant } from './end-of-tenant.js';
import type { PartitionLease, PartitionLeases } from './partition-leases.js';
import { PartitionPublisher } from './partition-publisher.js';
import { Publication } from './publication.js';
import { PublisherLog, type Log } from './publisher-log.js';
import type { PublisherMetrics } from './publisher-metrics.js';
import { ResourceStates } from './resource-states.js';

export interface PublisherSettings {
  readonly topicPrefix: string;
  /** Used when the topics are made; existing topics keep theirs. */
  readonly partitions: number;
  /** How often the log is asked for news that no wake-up told of; 200 unless told. */
  readonly pollMs?: number;
  /** How often leases are balanced among processes; 1,000 unless told. */
  readonly balanceMs?: number;
}

export interface PublisherPorts {
  readonly store: EventStore;
  readonly edges: Pick<EdgeIndex, 'targets'>;
  readonly kafka: KafkaPort;
  readonly leases: PartitionLeases;
  readonly metrics: PublisherMetrics;
  readonly log: Log;
}

interface Held {
  readonly lease: PartitionLease;
  readonly publisher: PartitionPublisher;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

const POLL_MS = 200;
const BALANCE_MS = 1_000;

/** Brings the event log to Kafka: one worker for each partition this process holds the lease of. */
export class Publisher {
  private readonly stopping = new AbortController();
  private readonly held = new Map<number, Held>();
  private readonly news = new Bell();
  private readonly said: PublisherLog;
  private readonly since = new Map<string, number>();
  private partitions = 0;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ports: PublisherPorts,
    private readonly settings: PublisherSettings,
  ) {
    this.said = new PublisherLog(ports.log, ports.metrics.waiting);
  }

  /** Whether publishing is held up at the moment, say because no broker answers. Provisioning does not depend on it. */
  get isWaiting(): boolean {
    return this.said.isWaiting;
  }

  /** Begins to publish in the background, at once or when Kafka is there. */
  start(): void {
    this.running = this.work();
  }

  /** Finishes what is begun and lets everything go. Never throws. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.ports.leases.close();
  }

  private async work(): Promise<void> {
    await this.persist('topics', () => this.verifyTopics());
    const subscription = await this.persist('wake-ups', () =>
      this.ports.store.log.subscribe((tenantId) => this.wake(tenantId)),
    );
    await Promise.all([
      this.repeat('leases', () => this.balance(), this.balanceMs),
      this.repeat('news of the log', () => this.lookForNews(), this.pollMs, this.news),
    ]);
    await subscription?.close().catch(() => {});
    await Promise.all([...this.held.values()].map((held) => this.release(held)));
  }

  private get pollMs(): number {
    return this.settings.pollMs ?? POLL_MS;
  }

  private get balanceMs(): number {
    return this.settings.balanceMs ?? BALANCE_MS;
  }

  /** Tries until it succeeds or the publisher stops. */
  private async persist<T>(part: string, attempt: () => Promise<T>): Promise<T | undefined> {
    const backoff = new Backoff();
    while (!this.stopping.signal.aborted) {
      try {
        const result = await attempt();
        this.said.recovered(part);
        return result;
      } catch (error) {
        this.said.failed(part, error);
        await new Bell().wait(this.stopping.signal, backoff.failed());
      }
    }
    return undefined;
  }

  private async repeat(part: string, attempt: () => Promise<void>, everyMs: number, bell = new Bell()): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.persist(part, attempt);
      await bell.wait(this.stopping.signal, everyMs);
    }
  }

  private async verifyTopics(): Promise<void> {
    const { topicPrefix, partitions } = this.settings;
    const verified = await this.ports.kafka.verifyTopics(topicsOf(topicPrefix, partitions));
    const counts = new Set(topicKinds.map((kind) => verified.partitions.get(topicName(topicPrefix, kind)) ?? 0));
    const [count = 0] = counts;
    if (counts.size !== 1)
      throw new TopicUnusable(
        `The topics ${topicPrefix}.* have different numbers of partitions: ${[...counts].join(', ')}.`,
      );
    for (const { topic, setting, wanted, actual } of verified.differences)
      this.said.differs(topic, setting, wanted, actual);
    if (count !== partitions) this.said.differs(`${topicPrefix}.*`, 'partitions', String(partitions), String(count));
    this.partitions = count;
  }

  /** Takes or gives back leases until this process holds its share. */
  private async balance(): Promise<void> {
    const share = await this.ports.leases.share(this.partitions);
    const surplus = [...this.held.values()].slice(share);
    await Promise.all(surplus.map((held) => this.release(held)));
    const start = Math.floor(Math.random() * this.partitions); // processes that start together should not want the same ones
    for (let i = 0; i < this.partitions && this.held.size < share; i += 1) {
      const partition = (start + i) % this.partitions;
      if (this.held.has(partition)) continue;
      const lease = await this.ports.leases.acquire(partition);
      if (lease !== undefined) this.hold(lease);
    }
    this.ports.metrics.partitions.set(this.held.size);
  }

  private hold(lease: PartitionLease): void {
    const { store, edges, kafka, metrics } = this.ports;
    const publication = new Publication(new ResourceStates(store), edges, new EndOfTenant(store.log));
    const { topicPrefix } = this.settings;
    const publisher = new PartitionPublisher(lease.partition, {
      kafka,
      store,
      publication,
      metrics,
      log: this.said,
      topicPrefix,
    });
    const stop = new AbortController();
    const ended = publisher.run(AbortSignal.any([stop.signal, lease.lost, this.stopping.signal]));
    const held = { lease, publisher, stop, ended };
    this.held.set(lease.partition, held);
    lease.lost.addEventListener('abort', () => void this.release(held), { once: true });
    this.news.ring();
  }

  private async release({ lease, stop, ended }: Held): Promise<void> {
    stop.abort();
    await ended;
    if (this.held.get(lease.partition)?.lease === lease) this.held.delete(lease.partition);
    await lease.release();
  }

  private wake(tenantId: string | undefined): void {
    if (tenantId === undefined) return this.news.ring();
    if (tenantId !== SYSTEM_TENANT && this.partitions > 0) this.publisherOf(tenantId)?.wake(tenantId);
  }

  private publisherOf(tenantId: string): PartitionPublisher | undefined {
    return this.held.get(partitionFor(tenantId, this.partitions))?.publisher;
  }

  /** Wake-ups may be lost: the heads of the log are the truth. */
  private async lookForNews(): Promise<void> {
    const { metrics, store } = this.ports;
    let lag = 0;
    for (const [tenantId, head] of await store.log.heads()) {
      if (tenantId === SYSTEM_TENANT) continue;
      const publisher = this.publisherOf(tenantId);
      const behind = publisher === undefined ? 0 : head - (publisher.publishedUpTo(tenantId) ?? 0);
      if (behind <= 0) {
        this.since.delete(tenantId);
        continue;
      }
      lag += behind;
      if (!this.since.has(tenantId)) this.since.set(tenantId, Date.now());
      publisher?.wake(tenantId);
    }
    const oldest = Math.min(...this.since.values());
    metrics.lagEvents.set(lag);
    metrics.lagSeconds.set(Number.isFinite(oldest) ? (Date.now() - oldest) / 1000 : 0);
    metrics.parkedTenants.set([...this.held.values()].reduce((sum, { publisher }) => sum + publisher.parkedTenants, 0));
  }
}
