import type { TenantDatabase, TenantTransaction } from '#postgres';

/** Rows of one piece: small enough that nobody waits behind it. */
export const pieceRows = 5000;

type Key = readonly [tenantId: string, generation: number];

/** Removes rows that nothing shows any more, in pieces: members of deleted groups, and generations that a rebuild replaced. */
export class Sweeper {
  constructor(private readonly database: TenantDatabase) {}

  /** Removes one piece; false when there is nothing left to remove. */
  sweep(tenantId: string): Promise<boolean> {
    return this.database.transaction(
      tenantId,
      async (tx) => (await sweepGroup(tx, tenantId)) || (await sweepGeneration(tx, tenantId)),
    );
  }
}

const sweepGroup = async (tx: TenantTransaction, tenantId: string): Promise<boolean> => {
  const { rows } = await tx.query<{ generation: number; group_id: string }>({
    text: `SELECT generation, group_id FROM membership_sweeps WHERE tenant_id = $1 LIMIT 1 FOR UPDATE`,
    values: [tenantId],
  });
  const [row] = rows;
  if (row === undefined) return false;
  const removed = await removeOf(tx, [tenantId, row.generation], members, row.group_id);
  if (removed < pieceRows)
    await tx.query({
      text: `DELETE FROM membership_sweeps WHERE tenant_id = $1 AND generation = $2 AND group_id = $3`,
      values: [tenantId, row.generation, row.group_id],
    });
  return true;
};

const sweepGeneration = async (tx: TenantTransaction, tenantId: string): Promise<boolean> => {
  const { rows } = await tx.query<{ generation: number }>({
    text: `SELECT generation FROM projection_generations WHERE tenant_id = $1 AND status = 'retired' LIMIT 1 FOR UPDATE`,
    values: [tenantId],
  });
  const [row] = rows;
  if (row === undefined) return false;
  const key: Key = [tenantId, row.generation];
  const removed =
    (await removeResources(tx, key, 'read_users', 'id')) +
    (await removeResources(tx, key, 'read_emails', 'user_id')) +
    (await removeResources(tx, key, 'read_groups', 'id')) +
    (await removeResources(tx, key, 'read_resources', 'id')) +
    (await removeResources(tx, key, 'read_resource_totals', 'resource_type')) +
    (await removeSome(tx, key, members)) +
    (await removeSome(tx, key, values));
  if (removed === 0) {
    await tx.query({ text: `DELETE FROM membership_sweeps WHERE tenant_id = $1 AND generation = $2`, values: key });
    await tx.query({
      text: `DELETE FROM projection_generations WHERE tenant_id = $1 AND generation = $2`,
      values: key,
    });
  }
  return true;
};

const removeResources = async (tx: TenantTransaction, key: Key, table: string, column: string): Promise<number> => {
  const removed = await tx.query({
    text: `DELETE FROM ${table} WHERE tenant_id = $1 AND generation = $2 AND ${column} = ANY (ARRAY(
      SELECT ${column} FROM ${table} WHERE tenant_id = $1 AND generation = $2 ORDER BY ${column} LIMIT $3))`,
    values: [...key, pieceRows],
  });
  return removed.rowCount ?? 0;
};

/** A table whose key goes on, after the generation, with what leads to many rows and what tells them apart. */
interface Led {
  readonly table: string;
  readonly leader: string;
  readonly follower: string;
}

const members: Led = { table: 'read_memberships', leader: 'group_id', follower: 'member_id' };
const values: Led = { table: 'read_values', leader: 'path', follower: 'resource_id' };

/** One leader after the other. */
const removeSome = async (tx: TenantTransaction, key: Key, led: Led): Promise<number> => {
  const { rows } = await tx.query<{ leader: string }>({
    text: `SELECT ${led.leader} AS leader FROM ${led.table} WHERE tenant_id = $1 AND generation = $2 ORDER BY ${led.leader} LIMIT 1`,
    values: key,
  });
  const [row] = rows;
  return row === undefined ? 0 : removeOf(tx, key, led, row.leader);
};

const removeOf = async (
  tx: TenantTransaction,
  key: Key,
  { table, leader, follower }: Led,
  value: string,
): Promise<number> => {
  const own = `tenant_id = $1 AND generation = $2 AND ${leader} = $3`;
  const removed = await tx.query({
    text: `DELETE FROM ${table} WHERE ${own} AND ${follower} = ANY (ARRAY(
      SELECT ${follower} FROM ${table} WHERE ${own} ORDER BY ${follower} LIMIT $4))`,
    values: [...key, value, pieceRows],
  });
  return removed.rowCount ?? 0;
};
