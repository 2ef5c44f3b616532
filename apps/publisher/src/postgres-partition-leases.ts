import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { PartitionLeases, type PartitionLease } from './partition-leases.js';

const QUERY_TIMEOUT_MS = 5_000;
/** Second key of the lock that each living publisher shares; partitions follow from 1. */
const PRESENCE = 0;

interface Session {
  readonly client: Client;
  readonly lost: AbortController;
}

/**
 * Leases as advisory locks of one PostgreSQL session: they end with the connection, however the process ends. The session must be a real
 * one, not that of a pooler in transaction mode.
 */
export class PostgresPartitionLeases extends PartitionLeases {
  /** First key of all locks: two installations in one database must not share. */
  private readonly group: number;
  private session: Promise<Session> | undefined;

  constructor(
    private readonly connectionString: string,
    topicPrefix: string,
  ) {
    super();
    const hash = createHash('sha256').update(`publisher:${topicPrefix}`).digest();
    this.group = hash.readUInt32BE(0) & 0x7fffffff;
  }

  async share(partitions: number): Promise<number> {
    const { client } = await this.connected();
    const { rows } = await client.query<{ publishers: number }>(
      `SELECT count(DISTINCT pid)::int AS publishers FROM pg_locks
       WHERE locktype = 'advisory' AND objsubid = 2 AND classid = $1 AND objid = $2 AND granted
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [this.group, PRESENCE],
    );
    return Math.ceil(partitions / Math.max(1, rows[0]?.publishers ?? 1));
  }

  async acquire(partition: number): Promise<PartitionLease | undefined> {
    const { client, lost } = await this.connected();
    const { rows } = await client.query<{ granted: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS granted', [
      this.group,
      partition + 1,
    ]);
    if (rows[0]?.granted !== true) return undefined;
    return {
      partition,
      lost: lost.signal,
      release: async () => {
        if (lost.signal.aborted) return;
        await client.query('SELECT pg_advisory_unlock($1, $2)', [this.group, partition + 1]).catch(() => {});
      },
    };
  }

  async close(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    await session?.then(({ client }) => client.end()).catch(() => {});
  }

  private async connected(): Promise<Session> {
    const session = (this.session ??= this.connect());
    try {
      return await session;
    } catch (error) {
      if (this.session === session) this.session = undefined;
      throw error;
    }
  }

  private async connect(): Promise<Session> {
    const client = new Client({
      connectionString: this.connectionString,
      application_name: 'rollcall publisher leases',
      keepAlive: true,
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    const lost = new AbortController();
    const lose = (): void => {
      if (lost.signal.aborted) return;
      lost.abort();
      this.session = undefined;
      void client.end().catch(() => {});
    };
    client.on('error', lose);
    client.on('end', lose);
    await client.connect();
    await client.query('SELECT pg_advisory_lock_shared($1, $2)', [this.group, PRESENCE]);
    return { client, lost };
  }
}
