import { LeastRecentlyUsed } from '#event-sourcing';
import type { TenantQueries } from '#postgres';
import { directoryProjection } from '../projection/directory-projection.js';

/** The generation that answered when it was asked for, and what it indexes. */
export interface LiveIndexes {
  /** Null for a tenant that has none yet. */
  readonly generation: number | null;
  /** Canonical paths. */
  readonly paths: ReadonlySet<string>;
}

const KEPT_TENANTS = 10_000;
const nothing: LiveIndexes = { generation: null, paths: new Set() };

/** What the live generation of each tenant indexes, at hand. Who finds that another one answers by now says so, and asks again. */
export class LiveIndexesAtHand {
  private readonly kept = new LeastRecentlyUsed<LiveIndexes>(KEPT_TENANTS);

  constructor(private readonly database: TenantQueries) {}

  /** Errors: the database's. */
  async of(tenantId: string): Promise<LiveIndexes> {
    const known = this.kept.get(tenantId);
    if (known !== undefined) return known;
    const { rows } = await this.database.query<{ generation: number; indexes: readonly string[] }>(tenantId, {
      name: 'live-indexes',
      text: `SELECT generation, indexes FROM projection_generations WHERE tenant_id = $1 AND projection = $2 AND status = 'live'`,
      values: [tenantId, directoryProjection.name],
    });
    const [row] = rows;
    const found = row === undefined ? nothing : { generation: row.generation, paths: new Set(row.indexes) };
    this.kept.set(tenantId, found);
    return found;
  }

  forget(tenantId: string): void {
    this.kept.delete(tenantId);
  }
}
