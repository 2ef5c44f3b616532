import { Counter, type Registry } from 'prom-client';

/** What Prometheus sees of erasing. No label names a tenant. */
export class ErasureMetrics {
  readonly erasures: Counter<'cause'>;
  readonly tenants: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.erasures = new Counter({
      name: 'erasures_total',
      help: 'Users and groups erased, by cause: a request of an operator, or the policy of the tenant',
      labelNames: ['cause'],
      registers,
    });
    this.tenants = new Counter({
      name: 'tenant_erasures_total',
      help: 'Off-boarded tenants of which nothing is left to be removed',
      registers,
    });
  }
}
