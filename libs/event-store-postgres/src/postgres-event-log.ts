import type { Pool } from 'pg';
import {
  EventLog,
  EventLogUnavailable,
  type AppendedStream,
  type AppendRequest,
  type StoredEvent,
  type StreamPosition,
  type Subscription,
  type WakeUp,
} from '#event-sourcing';
import { errorCode, isConnectionLoss, TenantDatabase } from '#postgres';
import { outcomes, prepareAppend, type AppendOutcome, type AppendResult, type PreparedAppend } from './append-batch.js';
import { appendStatement } from './append-statement.js';
import { AppendQueue } from './append-queue.js';
import { toStoredEvent, type EventRow } from './event-row.js';
import { WakeUps } from './wake-ups.js';

export interface PostgresEventLogOptions {
  /** Requests in one batch, 256 unless told. */
  readonly maxBatch?: number;
  /** Batches under way at once, 3 unless told. */
  readonly maxInFlight?: number;
  /** Bytes of JSON that the events of one request may take, 32 MiB unless told. */
  readonly maxRequestBytes?: number;
  /** Other processes are woken at most once in this time, 50 ms unless told. */
  readonly notifyEveryMs?: number;
}

const LAST_REVISION = 2_147_483_647;
const COLUMNS = 'tenant_id, sequence, stream_name, revision, id, type, schema_version, data, metadata, time';

/** The event log in PostgreSQL. Takes a pool of `createServicePool`, of which it needs at least `maxInFlight` + 2 connections. */
export class PostgresEventLog extends EventLog {
  private readonly tenants: TenantDatabase;
  private readonly queue: AppendQueue;
  private readonly wakeUps: WakeUps;
  private readonly maxRequestBytes: number;

  constructor(
    private readonly pool: Pool,
    options: PostgresEventLogOptions = {},
  ) {
    super();
    const { maxBatch = 256, maxInFlight = 3, maxRequestBytes = 32 * 1024 ** 2, notifyEveryMs = 50 } = options;
    this.tenants = new TenantDatabase(pool);
    this.maxRequestBytes = maxRequestBytes;
    this.wakeUps = new WakeUps(pool, { notifyEveryMs, reconnectAfterMs: { first: 100, most: 5_000 } });
    this.queue = new AppendQueue((batch) => this.write(batch), {
      maxBatch,
      maxInFlight,
      maxBatchBytes: 8 * 1024 ** 2,
    });
  }

  async append(request: AppendRequest): Promise<readonly AppendedStream[]> {
    return this.queue.push(prepareAppend(request, { maxRequestBytes: this.maxRequestBytes }));
  }

  async readStream(
    tenantId: string,
    name: string,
    range: { readonly from?: number; readonly to?: number; readonly limit?: number } = {},
  ): Promise<readonly StoredEvent[]> {
    const { from = 0, to = LAST_REVISION, limit = LAST_REVISION } = range;
    const last = Math.min(to, from + limit - 1, LAST_REVISION); // revisions have no gaps, so a limit is a bound
    return this.events(tenantId, {
      name: 'read-stream',
      text: `SELECT ${COLUMNS} FROM events
        WHERE tenant_id = $1 AND stream_name = $2 AND revision >= $3 AND revision <= $4 ORDER BY revision`,
      values: [tenantId, name, from, last],
    });
  }

  async positions(tenantId: string, names: readonly string[]): Promise<ReadonlyMap<string, StreamPosition>> {
    const { rows } = await this.reached(() =>
      this.tenants.query<{ stream_name: string; revision: number; open: boolean }>(tenantId, {
        name: 'stream-positions',
        text: 'SELECT stream_name, revision, open FROM streams WHERE tenant_id = $1 AND stream_name = ANY ($2::text[])',
        values: [tenantId, names],
      }),
    );
    return new Map(rows.map(({ stream_name, revision, open }) => [stream_name, { revision, open }]));
  }

  async readTenant(tenantId: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    return this.events(tenantId, {
      name: 'read-tenant',
      text: `SELECT ${COLUMNS} FROM events WHERE tenant_id = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence`,
      values: [tenantId, after, after + limit], // sequences have no gaps either
    });
  }

  async head(tenantId: string): Promise<number> {
    const { rows } = await this.reached(() =>
      this.pool.query<{ sequence: string }>({
        name: 'tenant-head',
        text: 'SELECT sequence FROM tenant_heads WHERE tenant_id = $1',
        values: [tenantId],
      }),
    );
    return Number(rows[0]?.sequence ?? 0);
  }

  async heads(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.reached(() =>
      this.pool.query<{ tenant_id: string; sequence: string }>({
        name: 'tenant-heads',
        text: 'SELECT tenant_id, sequence FROM tenant_heads WHERE sequence > 0',
      }),
    );
    return new Map(rows.map(({ tenant_id, sequence }) => [tenant_id, Number(sequence)]));
  }

  async subscribe(wake: WakeUp): Promise<Subscription> {
    return this.wakeUps.subscribe(wake);
  }

  /** Finishes what was asked for and stops listening. The pool stays open: it belongs to who made it. */
  async close(): Promise<void> {
    await this.queue.drained();
    await this.wakeUps.close();
  }

  private async events(
    tenantId: string,
    statement: { name: string; text: string; values: readonly unknown[] },
  ): Promise<readonly StoredEvent[]> {
    const { rows } = await this.reached(() => this.tenants.query<EventRow>(tenantId, statement));
    return rows.map(toStoredEvent);
  }

  private async write(batch: readonly PreparedAppend[]): Promise<readonly AppendOutcome[]> {
    try {
      const done = outcomes(batch, await this.run(batch));
      const written = done.flatMap((one) => ('appended' in one ? one.appended : []));
      this.wakeUps.appended(new Set(written.map(({ tenantId }) => tenantId)));
      return done;
    } catch (error) {
      if (isUnavailable(error)) return batch.map(() => ({ error: unavailable(error) }));
      if (batch.length === 1) return [{ error: error as Error }];
      // The database refused the batch as a whole, because of some of it: halves find out which.
      const middle = Math.ceil(batch.length / 2);
      return [...(await this.write(batch.slice(0, middle))), ...(await this.write(batch.slice(middle)))];
    }
  }

  private async run(batch: readonly PreparedAppend[]): Promise<AppendResult> {
    const statement = appendStatement(batch);
    const client = await this.pool.connect();
    try {
      const { rows } = await client.query<{ result: AppendResult }>(statement);
      const [row] = rows;
      if (row === undefined) throw new Error('The append function returned nothing.');
      return row.result;
    } finally {
      client.release();
    }
  }

  private async reached<Result>(read: () => Promise<Result>): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      throw isUnavailable(error) ? unavailable(error) : error;
    }
  }
}

/** Lock and statement timeouts: the log is there and does not answer in time. */
const OUT_OF_TIME = new Set(['55P03', '57014']);

const isUnavailable = (error: unknown): boolean => isConnectionLoss(error) || OUT_OF_TIME.has(errorCode(error));

const unavailable = (cause: unknown): EventLogUnavailable =>
  new EventLogUnavailable('The event log did not answer.', { cause });
