import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What Prometheus sees of projecting. No label names a tenant. */
export class ProjectorMetrics {
  readonly events: Counter;
  readonly delay: Histogram;
  readonly lagEvents: Gauge;
  readonly lagSeconds: Gauge;
  readonly parkedTenants: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.events = new Counter({ name: 'projection_events_total', help: 'Events applied to read models', registers });
    this.delay = new Histogram({
      name: 'projection_delay_seconds',
      help: 'From the time of an event to its visibility in the read model, of the last event of each batch',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60],
      registers,
    });
    this.lagEvents = new Gauge({
      name: 'projection_lag_events',
      help: 'Events of the log that live read models have still to apply, all tenants together',
      registers,
    });
    this.lagSeconds = new Gauge({
      name: 'projection_lag_seconds',
      help: 'For how long the tenant that waits longest has been behind the log',
      registers,
    });
    this.parkedTenants = new Gauge({
      name: 'projection_parked_tenants',
      help: 'Tenants whose read model stands still at an event that cannot be applied; each is tried again',
      registers,
    });
  }
}
