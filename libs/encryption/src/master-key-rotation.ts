import type { ClientBase } from 'pg';
import { BrokenTenantKey, demandMasterKeys, type KeyManagement, type TenantKeyName } from './key-management.js';

/** A table with `wrapped_key` and `master_key_id`, and the SQL for the name under which each row's key was wrapped. */
export interface WrappedKeyTable {
  readonly table: string;
  readonly tenantId: string;
  readonly purpose: string;
  readonly version: string;
}

export const tenantKeyTable: WrappedKeyTable = {
  table: 'tenant_keys',
  tenantId: 'tenant_id',
  purpose: 'purpose',
  version: 'version',
};

/** How many keys of one table a master key has wrapped. */
export interface MasterKeyUse {
  readonly table: string;
  readonly masterKeyId: string;
  readonly keys: number;
}

export interface RotationProgress {
  /** Keys that were wrapped by another master key when the rotation began. */
  readonly total: number;
  readonly done: number;
  /** Keys that do not open, so that they could not be rewrapped. */
  readonly broken: readonly TenantKeyName[];
}

interface KeyRow extends TenantKeyName {
  readonly wrappedKey: Buffer;
  readonly masterKeyId: string;
}

/** Small: what is locked is locked for as long as a key-management service needs to answer for all of them. */
const KEYS_AT_ONCE = 100;

/**
 * Wraps keys anew with the current master key. What is wrapped stays the same, so services that know both master keys go on. Runs on a session of
 * the schema's owner: services can neither change a key nor see those of all tenants.
 */
export class MasterKeyRotation {
  constructor(
    private readonly owner: ClientBase,
    private readonly tables: readonly WrappedKeyTable[],
  ) {}

  /** Which master keys wrapped how many keys. */
  async status(): Promise<readonly MasterKeyUse[]> {
    const uses: MasterKeyUse[] = [];
    for (const { table } of this.tables) {
      const { rows } = await this.owner.query<{ masterKeyId: string; keys: number }>(
        `SELECT master_key_id AS "masterKeyId", count(*)::int AS keys FROM ${table} GROUP BY master_key_id ORDER BY master_key_id`,
      );
      uses.push(...rows.map((row) => ({ table, ...row })));
    }
    return uses;
  }

  /**
   * Tells how far it is after each transaction. Cut off anywhere, the next one goes on; keys wrapped by the current master key already are left
   * alone. Throws WrongMasterKey before anything is changed when a master key in use is not at hand; and the database's errors.
   */
  async *run(management: KeyManagement): AsyncGenerator<RotationProgress> {
    const uses = await this.status();
    const inUse = [...new Set(uses.map(({ masterKeyId }) => masterKeyId))];
    demandMasterKeys(management, inUse);
    const total = uses.reduce(
      (sum, { masterKeyId, keys }) => (masterKeyId === management.currentId ? sum : sum + keys),
      0,
    );
    let progress: RotationProgress = { total, done: 0, broken: [] };
    yield progress;
    for (const table of this.tables) {
      let after: TenantKeyName | undefined;
      do {
        const { last, done, broken } = await this.portion(table, management, after);
        after = last;
        progress = { total, done: progress.done + done, broken: [...progress.broken, ...broken] };
        if (last !== undefined) yield progress;
      } while (after !== undefined);
    }
  }

  private async portion(table: WrappedKeyTable, management: KeyManagement, after: TenantKeyName | undefined) {
    await this.owner.query('BEGIN');
    try {
      const rows = await this.lock(table, management.currentId, after);
      const broken: TenantKeyName[] = [];
      const rewrapped: KeyRow[] = [];
      for (const row of rows) {
        const wrapped = await rewrap(management, row);
        if (wrapped === undefined) broken.push(row);
        else rewrapped.push(wrapped);
      }
      if (rewrapped.length > 0) await this.store(table, management.currentId, rewrapped);
      await this.owner.query('COMMIT');
      return { last: rows.at(-1), done: rewrapped.length, broken };
    } catch (error) {
      await this.owner.query('ROLLBACK').catch(() => undefined); // it ends with the session otherwise
      throw error;
    }
  }

  private async lock(
    { table, tenantId, purpose, version }: WrappedKeyTable,
    currentId: string,
    after: TenantKeyName | undefined,
  ): Promise<readonly KeyRow[]> {
    const { rows } = await this.owner.query<KeyRow>({
      text: `SELECT ${tenantId} AS "tenantId", ${purpose} AS purpose, ${version} AS version,
          wrapped_key AS "wrappedKey", master_key_id AS "masterKeyId"
        FROM ${table} WHERE master_key_id <> $1 AND (${tenantId}, ${purpose}, ${version}) > ($2, $3, $4)
        ORDER BY "tenantId", purpose, version LIMIT ${KEYS_AT_ONCE} FOR UPDATE`,
      values: [currentId, after?.tenantId ?? '', after?.purpose ?? '', after?.version ?? 0],
    });
    return rows;
  }

  private async store(
    { table, tenantId, purpose, version }: WrappedKeyTable,
    currentId: string,
    rows: readonly KeyRow[],
  ): Promise<void> {
    await this.owner.query({
      text: `UPDATE ${table} SET wrapped_key = n.rewrapped, master_key_id = $1
        FROM unnest($2::text[], $3::text[], $4::int[], $5::bytea[]) AS n (of_tenant, for_purpose, of_version, rewrapped)
        WHERE ${tenantId} = n.of_tenant AND ${purpose} = n.for_purpose AND ${version} = n.of_version`,
      values: [
        currentId,
        rows.map((row) => row.tenantId),
        rows.map((row) => row.purpose),
        rows.map((row) => row.version),
        rows.map((row) => row.wrappedKey),
      ],
    });
  }
}

/** Undefined when the key does not open: its row was changed by hand, and this must not hold up the others. */
const rewrap = async (management: KeyManagement, row: KeyRow): Promise<KeyRow | undefined> => {
  try {
    const { masterKeyId, wrappedKey } = await management.wrap(row, await management.unwrap(row, row));
    return { ...row, masterKeyId, wrappedKey: Buffer.from(wrappedKey) };
  } catch (error) {
    if (error instanceof BrokenTenantKey) return undefined;
    throw error;
  }
};
