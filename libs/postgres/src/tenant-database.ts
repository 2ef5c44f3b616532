import type { Pool, PoolClient, QueryResult, QueryResultRow } from 'pg';
import { queryAsTenant, type Statement } from './tenant-query.js';

/** Runs statements inside one transaction of one tenant. */
export interface TenantTransaction {
  query<Row extends QueryResultRow>(statement: Statement): Promise<QueryResult<Row>>;
}

/** Single statements as seen by one tenant. */
export interface TenantQueries {
  /** One statement, one round trip, one snapshot. Errors: the database's. */
  query<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<QueryResult<Row>>;
}

/** Row-level security's door: whatever runs here sees the rows of the tenant named in the call, and no others. */
export class TenantDatabase implements TenantQueries {
  constructor(
    /** Made by `createServicePool`. What runs on it directly has no tenant and sees no tenant's rows. */
    readonly pool: Pool,
  ) {}

  async query<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<QueryResult<Row>> {
    const client = await this.pool.connect();
    try {
      return await queryAsTenant<Row>(client, requireTenant(tenantId), statement);
    } finally {
      client.release(); // a broken connection knows that it is broken, and the pool drops it
    }
  }

  /** Commits what `work` did, or rolls it back and throws what it threw. Beginning and naming the tenant are one round trip. */
  async transaction<Result>(
    tenantId: string,
    work: (transaction: TenantTransaction) => Promise<Result>,
  ): Promise<Result> {
    const client = await this.pool.connect();
    try {
      const tenant = client.escapeLiteral(requireTenant(tenantId));
      await client.query(`BEGIN; SELECT set_config('app.tenant_id', ${tenant}, true)`);
      const result = await work({
        query: <Row extends QueryResultRow>({ values, ...statement }: Statement) =>
          client.query<Row>(values === undefined ? statement : { ...statement, values: [...values] }),
      });
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      await rollBack(client);
      throw error;
    }
  }
}

/** An empty tenant would be no error to the policies, only an empty answer: say so here. */
export const requireTenant = (tenantId: string): string => {
  if (tenantId === '') throw new RangeError('A tenant id is needed to reach the rows of a tenant.');
  return tenantId;
};

/** A connection whose transaction could not be ended is not used again. */
const rollBack = async (client: PoolClient): Promise<void> => {
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch (error) {
    client.release(error as Error);
  }
};
