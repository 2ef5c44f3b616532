import type pg from 'pg';

/** Summed over the tables that hold the log, users, groups and members. */
export interface TableActivity {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Rows that statements looked at. */
  readonly read: number;
  /** How often a statement looked into a table or an index. */
  readonly scans: number;
}

const TABLES = ['events', 'streams', 'edges', 'past_edges', 'read_users', 'read_groups', 'read_memberships'];

/**
 * What has been done to the tables so far, by any process. PostgreSQL hears of it from each session, with delay, but when it ends at the latest: so all
 * sessions are ended, which the system takes for a short trouble of its database.
 */
export const tableActivity = async (owner: pg.Client): Promise<TableActivity> => {
  await owner.query(
    `SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
  );
  await owner.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await owner.query<TableActivity>(
    `SELECT sum(n_tup_ins)::int AS inserted, sum(n_tup_upd)::int AS updated, sum(n_tup_del)::int AS deleted,
       sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS read, sum(seq_scan + coalesce(idx_scan, 0))::int AS scans
     FROM pg_stat_user_tables WHERE relname = ANY ($1)`,
    [TABLES],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('There are no statistics.');
  return row;
};

export const activitySince = (before: TableActivity, after: TableActivity): TableActivity => ({
  inserted: after.inserted - before.inserted,
  updated: after.updated - before.updated,
  deleted: after.deleted - before.deleted,
  read: after.read - before.read,
  scans: after.scans - before.scans,
});
