import type { TenantDatabase } from '#postgres';

/** Small enough that nobody waits behind it. */
const PIECE = 500;

/** Tenants that have results whose time is up. */
export const tenantsToPurge = async ({ pool }: TenantDatabase): Promise<readonly string[]> => {
  const { rows } = await pool.query<{ tenant_id: string }>(
    'SELECT tenant_id FROM request_queues WHERE purge_at <= now() LIMIT 1000',
  );
  return rows.map(({ tenant_id }) => tenant_id);
};

/** Removes a tenant's results that are older than `keptSeconds`, and the keys that they were sealed with, in pieces. */
export const purgeResults = async (database: TenantDatabase, tenantId: string, keptSeconds: number): Promise<void> => {
  let removed: number;
  do {
    removed = await database.transaction(tenantId, async (tx) => {
      // Who completes a request waits here with its own mark, so that none is overlooked and left lying.
      await tx.query({ text: 'SELECT FROM request_queues WHERE tenant_id = $1 FOR UPDATE', values: [tenantId] });
      const { rowCount } = await tx.query({ text: REMOVE, values: [tenantId, keptSeconds, PIECE] });
      await tx.query({ text: NEXT, values: [tenantId, keptSeconds] });
      return rowCount ?? 0;
    });
  } while (removed === PIECE);
};

const REMOVE = `
  WITH gone AS (
    DELETE FROM accepted_requests WHERE tenant_id = $1 AND txn = ANY (ARRAY(
      SELECT txn FROM accepted_requests WHERE tenant_id = $1 AND completed_at <= now() - make_interval(secs => $2)
      ORDER BY completed_at LIMIT $3))
    RETURNING txn),
  keys AS (
    DELETE FROM subject_keys WHERE tenant_id = $1 AND subject_id IN (SELECT 'request:' || txn FROM gone))
  SELECT FROM gone`;

const NEXT = `UPDATE request_queues SET purge_at = (
    SELECT min(completed_at) + make_interval(secs => $2) FROM accepted_requests WHERE tenant_id = $1)
  WHERE tenant_id = $1`;
