import { Global, Module, type DynamicModule } from '@nestjs/common';
import { CommandRunner, EdgeIndex, EventLog, EventStore, Sealer } from '#event-sourcing';
import { KurrentEventLog } from '#event-store-kurrentdb';
import { TenantDatabase } from '#postgres';
import { Health } from '../observability/health.js';
import type { Stores } from './stores.js';

/** The opened stores for injection, each under its port. Whoever opened them closes them. */
@Global()
@Module({})
export class StoresModule {
  static register(stores: Stores): DynamicModule {
    const providers = [
      { provide: TenantDatabase, useValue: stores.database },
      { provide: EventLog, useValue: stores.log },
      { provide: EdgeIndex, useValue: stores.edges },
      { provide: Sealer, useValue: stores.sealer },
      { provide: EventStore, useValue: stores.store },
      { provide: CommandRunner, useValue: stores.runner },
    ];
    return { module: StoresModule, providers, exports: providers.map(({ provide }) => provide) };
  }

  constructor(health: Health, database: TenantDatabase, log: EventLog) {
    health.register('database', async () => {
      await database.pool.query('SELECT FROM tenant_heads LIMIT 1'); // reachable, and the schema is there
    });
    if (log instanceof KurrentEventLog) health.register('event log', () => log.check());
  }
}
