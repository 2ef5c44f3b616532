import type { Pool } from 'pg';

/** First key of the locks; the second one is made of the tenant. */
const LOCKS = 7_265_003;

/**
 * Work of a tenant that is done one after the other, in all processes: each waits for an advisory lock of the database, which ends with the
 * connection that holds it, however its process ends.
 */
export class TenantTurns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** `pool`: of `createServicePool`, used for nothing else. */
  constructor(private readonly pool: Pick<Pool, 'connect'>) {}

  /** Returns, or throws, what `work` does. Errors: the database's, when the turn does not come in time. */
  take<Result>(tenantId: string, work: () => Promise<Result>): Promise<Result> {
    // Those of this process wait here, so that a tenant holds one connection, however many they are.
    const turn = (this.last.get(tenantId) ?? Promise.resolve()).then(() => this.locked(tenantId, work));
    const ended = turn
      .catch(() => undefined)
      .finally(() => {
        if (this.last.get(tenantId) === ended) this.last.delete(tenantId);
      });
    this.last.set(tenantId, ended);
    return turn;
  }

  private async locked<Result>(tenantId: string, work: () => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    let broken = true;
    try {
      await client.query('SELECT pg_advisory_lock($1, hashtext($2))', [LOCKS, tenantId]);
      try {
        return await work();
      } finally {
        await client.query('SELECT pg_advisory_unlock($1, hashtext($2))', [LOCKS, tenantId]);
        broken = false;
      }
    } finally {
      client.release(broken); // with a connection that is dropped goes its lock
    }
  }
}
