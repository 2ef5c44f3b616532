import { DataSource, type EntityManager, type EntitySchema } from 'typeorm';
import { ServiceClient } from './service-client.js';
import { serviceSessionUrl, type SessionOptions } from './session-url.js';

export interface ServiceDataSourceOptions extends SessionOptions {
  readonly url: string;
  readonly entities: readonly (EntitySchema | (abstract new () => object))[];
  /** Connections at most; 10 unless told. */
  readonly max?: number;
}

/** A TypeORM data source, not yet initialised, that works as the service role. It never changes the schema. */
export const createServiceDataSource = (options: ServiceDataSourceOptions): DataSource =>
  new DataSource({
    type: 'postgres',
    url: serviceSessionUrl(options.url, options),
    entities: options.entities as (EntitySchema | (new () => object))[],
    synchronize: false,
    logging: false,
    extra: { max: options.max ?? 10, connectionTimeoutMillis: 5_000, Client: ServiceClient },
  });

/** A transaction in which entities see the rows of one tenant. */
export const transactionAsTenant = <Result>(
  source: DataSource,
  tenantId: string,
  work: (manager: EntityManager) => Promise<Result>,
): Promise<Result> =>
  source.transaction(async (manager) => {
    await manager.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
    return work(manager);
  });
