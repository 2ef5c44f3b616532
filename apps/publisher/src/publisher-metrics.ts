import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What Prometheus sees of publishing. No label names a tenant. */
export class PublisherMetrics {
  readonly published: Counter<'topic'>;
  readonly transactions: Counter<'outcome'>;
  readonly delay: Histogram;
  readonly lagEvents: Gauge;
  readonly lagSeconds: Gauge;
  readonly partitions: Gauge;
  readonly parkedTenants: Gauge;
  readonly waiting: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.published = new Counter({
      name: 'publisher_published_total',
      help: 'Records that Kafka has committed, by topic',
      labelNames: ['topic'],
      registers,
    });
    this.transactions = new Counter({
      name: 'publisher_transactions_total',
      help: 'Kafka transactions, by outcome: committed, or failed with an outcome that was unknown at first',
      labelNames: ['outcome'],
      registers,
    });
    this.delay = new Histogram({
      name: 'publisher_delay_seconds',
      help: 'From the time of an event to its commit in Kafka, of the last event of each tenant in a transaction',
      buckets: [0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    });
    this.lagEvents = new Gauge({
      name: 'publisher_lag_events',
      help: 'Events of the log that this process has still to publish',
      registers,
    });
    this.lagSeconds = new Gauge({
      name: 'publisher_lag_seconds',
      help: 'How long this process has known of the event that waits longest',
      registers,
    });
    this.partitions = new Gauge({
      name: 'publisher_partitions',
      help: 'Partitions that this process publishes now',
      registers,
    });
    this.waiting = new Gauge({
      name: 'publisher_waiting',
      help: '1 while publishing is held up, say because no broker answers',
      registers,
    });
    this.parkedTenants = new Gauge({
      name: 'publisher_parked_tenants',
      help: 'Tenants whose next event cannot be published; each is tried again',
      registers,
    });
  }
}
