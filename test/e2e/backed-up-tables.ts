import pg from 'pg';

/** What a backup holds (docs/runbook.md, "Backup and restore"): everything else is made from it, or is not worth keeping. */
export const LOG_TABLES = ['events', 'streams', 'tenant_heads', 'edges', 'past_edges', 'gone_sources'] as const;
export const KEY_TABLES = ['tenant_keys', 'subject_keys', 'destroyed_keys'] as const;
export const BACKED_UP = [...LOG_TABLES, ...KEY_TABLES];

/** Runs something on a database as its owner, whom no policy stops. */
export const asOwner = async <Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> => {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** Every row of a table, as JSON that says the same as the row. */
export const rowsOf = async (client: pg.Client, table: string): Promise<readonly string[]> => {
  const { rows } = await client.query<{ row: string }>(`SELECT row_to_json(t)::text AS row FROM ${table} t`);
  return rows.map(({ row }) => row);
};

/** Puts rows of `rowsOf` back. */
export const putRows = async (client: pg.Client, table: string, rows: readonly string[]): Promise<void> => {
  await client.query(
    `INSERT INTO ${table} SELECT (json_populate_record(NULL::${table}, row::json)).* FROM unnest($1::text[]) AS row`,
    [rows],
  );
};

/** Waits until every read model and the process that records lost members have reached the log, and nothing is left to be swept. */
export const settled = async (url: string): Promise<void> => {
  const deadline = Date.now() + 60_000;
  const lag = () =>
    asOwner(url, async (client) => {
      const { rows } = await client.query<{ behind: string }>(
        `SELECT (SELECT count(*) FROM membership_sweeps) + count(*) AS behind FROM tenant_heads h
          LEFT JOIN projection_generations g ON g.tenant_id = h.tenant_id AND g.status = 'live'
          LEFT JOIN process_checkpoints c ON c.tenant_id = h.tenant_id AND c.process = 'membership-reaper'
         WHERE h.tenant_id <> '$system' AND (g.sequence, c.sequence) IS DISTINCT FROM (h.sequence, h.sequence)`,
      );
      return Number(rows[0]?.behind);
    });
  while ((await lag()) > 0) {
    if (Date.now() > deadline) throw new Error('The read models do not reach the log.');
    await new Promise((again) => setTimeout(again, 50));
  }
};
