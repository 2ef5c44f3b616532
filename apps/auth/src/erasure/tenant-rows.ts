import type { TenantDatabase } from '#postgres';

const ROWS_AT_ONCE = 5_000;

/**
 * What stays of an erased tenant in tables that services may delete from: ids and numbers of the log and of those who follow it. Rows of read models,
 * known by their generation, are the projector's to remove.
 */
const kept = [
  'control_acts',
  'control_checkpoints',
  'destroyed_keys',
  'edges',
  'kurrentdb_edge_positions',
  'kurrentdb_heads',
  'process_checkpoints',
];

/** Everything else that names a tenant goes, or one of its OAuth clients: a table that is new is cleared without being listed anywhere. */
const tablesWith = (column: string): string => `
  SELECT format('%I', c.relname) AS name FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> ALL ($1)
    AND has_table_privilege(c.oid, 'DELETE') AND c.oid IN (SELECT attrelid FROM pg_attribute WHERE attname = '${column}')
    AND c.oid NOT IN (SELECT attrelid FROM pg_attribute WHERE attname = 'generation')
  ORDER BY c.relname`;

/** Clients last: what is theirs is known by them. */
const theirs = [
  { tables: tablesWith('client_id'), condition: 'client_id IN (SELECT id FROM oauth_clients WHERE tenant_id = $1)' },
  { tables: tablesWith('tenant_id'), condition: 'tenant_id = $1' },
];

/** Removes an erased tenant's credentials, its schemas, and what is remembered of its requests, in pieces; returns how many rows there were. */
export const removeTenantRows = async (database: TenantDatabase, tenantId: string): Promise<number> => {
  let total = 0;
  for (const { tables, condition } of theirs) {
    const { rows } = await database.pool.query<{ name: string }>(tables, [kept]);
    for (const { name } of rows) total += await removeRows(database, tenantId, name, condition);
  }
  return total;
};

const removeRows = async (database: TenantDatabase, tenantId: string, table: string, condition: string) => {
  let total = 0;
  let removed: number;
  do {
    const { rowCount } = await database.query(tenantId, {
      text: `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT $2))`,
      values: [tenantId, ROWS_AT_ONCE],
    });
    removed = rowCount ?? 0;
    total += removed;
  } while (removed === ROWS_AT_ONCE);
  return total;
};
