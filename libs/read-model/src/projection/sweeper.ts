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
  const removed = await removeMembers(tx, [tenantId, row.generation], row.group_id);
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
    (await removeSomeMemberships(tx, key));
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

/** One group after the other: the first key column after the generation leads the way. */
const removeSomeMemberships = async (tx: TenantTransaction, key: Key): Promise<number> => {
  const { rows } = await tx.query<{ group_id: string }>({
    text: `SELECT group_id FROM read_memberships WHERE tenant_id = $1 AND generation = $2 ORDER BY group_id LIMIT 1`,
    values: key,
  });
  const [row] = rows;
  return row === undefined ? 0 : removeMembers(tx, key, row.group_id);
};

const removeMembers = async (tx: TenantTransaction, key: Key, groupId: string): Promise<number> => {
  const removed = await tx.query({
    text: `DELETE FROM read_memberships WHERE tenant_id = $1 AND generation = $2 AND group_id = $3 AND member_id = ANY (ARRAY(
      SELECT member_id FROM read_memberships WHERE tenant_id = $1 AND generation = $2 AND group_id = $3 ORDER BY member_id LIMIT $4))`,
    values: [...key, groupId, pieceRows],
  });
  return removed.rowCount ?? 0;
};
