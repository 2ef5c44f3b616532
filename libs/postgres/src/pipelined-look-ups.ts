import type { QueryResult, QueryResultRow } from 'pg';
import { ServiceClient } from './service-client.js';
import { serviceSessionUrl, type SessionOptions } from './session-url.js';
import { requireTenant, type TenantQueries } from './tenant-database.js';
import { prepareTenantSetting, queryAsTenant, type Statement } from './tenant-query.js';

export interface PipelinedLookUpsOptions extends SessionOptions {
  readonly url: string;
  /** Connections at most; 2 unless told. The fewer, the more look-ups share a write to the socket. */
  readonly lanes?: number;
}

/** A look-up takes less than a millisecond: one that takes this long never ends. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** Not even the timeout came back: the peer is gone. The connection is given up, and all that waits on it fails. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Statements of tenants that an index answers at once, many on one connection without waiting for each other's answer (PostgreSQL's
 * pipelining). What came in one turn of the event loop leaves in one write, and the database reads it in one. A statement that takes
 * long would hold up those behind it, so nothing else may run here; TenantDatabase is for the rest.
 */
export class PipelinedLookUps implements TenantQueries {
  private readonly lanes: readonly Lane[];

  constructor({ url, lanes = 2, ...session }: PipelinedLookUpsOptions) {
    const connectionString = serviceSessionUrl(url, { statementTimeoutMs: STATEMENT_TIMEOUT_MS, ...session });
    this.lanes = Array.from({ length: lanes }, () => new Lane(connectionString));
  }

  /** One statement in a transaction of its own: what fails beside it does not touch it. Errors: the database's. */
  async query<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<QueryResult<Row>> {
    const lane = this.lanes.reduce((least, one) => (one.underWay < least.underWay ? one : least));
    return lane.query<Row>(requireTenant(tenantId), statement);
  }

  /** Resolves when what is under way has its answer and the connections are closed. */
  async end(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.end()));
  }
}

/** One connection, opened when it is first needed and again after it broke. */
class Lane {
  underWay = 0;
  private connection: Promise<PipelinedClient> | undefined;

  constructor(private readonly connectionString: string) {}

  async query<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<QueryResult<Row>> {
    this.underWay += 1;
    try {
      const client = await (this.connection ??= this.open());
      client.gatherWrites();
      return await queryAsTenant<Row>(client, tenantId, statement);
    } finally {
      this.underWay -= 1;
    }
  }

  async end(): Promise<void> {
    const client = await this.connection?.catch(() => undefined);
    await client?.end();
  }

  private open(): Promise<PipelinedClient> {
    const client = new PipelinedClient(this.connectionString);
    const opened = client.open();
    const forget = () => {
      if (this.connection === opened) this.connection = undefined;
    };
    client.once('end', forget);
    client.once('error', forget);
    opened.catch(forget);
    return opened;
  }
}

class PipelinedClient extends ServiceClient {
  private gathering = false;

  constructor(connectionString: string) {
    super({
      connectionString,
      pipeline: true,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: ANSWER_TIMEOUT_MS,
    });
  }

  async open(): Promise<this> {
    await this.connect();
    try {
      await prepareTenantSetting(this);
      return this;
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  /** Holds back what is written until this turn of the event loop is over, which delays nothing: nobody else would send it sooner. */
  gatherWrites(): void {
    if (this.gathering) return;
    this.gathering = true;
    const { stream } = this.connection;
    stream.cork();
    setImmediate(() => {
      this.gathering = false;
      stream.uncork();
    });
  }
}
