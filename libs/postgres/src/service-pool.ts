import { Pool, type ClientBase } from 'pg';
import { ServiceClient } from './service-client.js';
import { serviceSessionUrl, type SessionOptions } from './session-url.js';
import { prepareTenantSetting } from './tenant-query.js';

export interface ServicePoolOptions extends SessionOptions {
  readonly url: string;
  /** Connections at most; 10 unless told. */
  readonly max?: number;
  /** Hears of idle connections that broke; the pool has replaced them by then. */
  readonly onIdleError?: (error: Error) => void;
}

/** Awaited by the pool, whatever its type says. */
const prepare: (client: ClientBase) => unknown = prepareTenantSetting;

/** A pool whose connections work as the service role, each ready for TenantDatabase. Ends with `pool.end()`. */
export const createServicePool = (options: ServicePoolOptions): Pool => {
  const pool = new Pool({
    connectionString: serviceSessionUrl(options.url, options),
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    onConnect: prepare,
    Client: ServiceClient,
  });
  pool.on('error', options.onIdleError ?? (() => undefined));
  return pool;
};
