import type { DataSource } from 'typeorm';

export interface ErasedTenant {
  readonly tenantId: string;
  readonly erasedAt: Date;
}

export interface ErasurePolicy {
  readonly tenantId: string;
  /** Days after which what was deleted is erased. */
  readonly days: number;
}

/** What erasure has to do, as the control plane's rows tell it. */
export class TenantErasures {
  constructor(private readonly database: DataSource) {}

  /** Off-boarded tenants whose data is kept no longer. Those of releases that kept no time are among them. */
  async due(now: Date): Promise<readonly string[]> {
    const rows: { readonly id: string }[] = await this.database.query(
      `SELECT id FROM tenants WHERE status = 'offboarded' AND erased_at IS NULL AND (erases_at IS NULL OR erases_at <= $1) ORDER BY id`,
      [now],
    );
    return rows.map(({ id }) => id);
  }

  /** Erased tenants of which something may still be there. */
  uncleared(): Promise<readonly ErasedTenant[]> {
    return this.database.query(
      `SELECT id AS "tenantId", erased_at AS "erasedAt" FROM tenants WHERE erased_at IS NOT NULL AND cleared_at IS NULL ORDER BY id`,
    );
  }

  async cleared(tenantId: string, now: Date): Promise<void> {
    await this.database.query('UPDATE tenants SET cleared_at = $2 WHERE id = $1', [tenantId, now]);
  }

  /** Tenants that erase what was deleted by themselves. */
  policies(): Promise<readonly ErasurePolicy[]> {
    return this.database.query(
      `SELECT id AS "tenantId", (settings ->> 'eraseAfterDays')::int AS days FROM tenants
        WHERE status <> 'offboarded' AND jsonb_typeof(settings -> 'eraseAfterDays') = 'number' ORDER BY id`,
    );
  }
}
