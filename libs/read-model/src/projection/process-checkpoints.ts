import type { Pool } from 'pg';

/** How far processes that read the log and issue commands have come, each tenant in the hands of one worker at a time. */
export class ProcessCheckpoints {
  constructor(
    private readonly pool: Pool,
    /** The process's name; it never changes between releases. */
    private readonly process: string,
    private readonly worker: string,
    private readonly leaseMs: number,
  ) {}

  /** Takes the tenant, or keeps it; returns its checkpoint, undefined while another worker has it. */
  async take(tenantId: string): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ sequence: string }>({
      name: 'take-process-checkpoint',
      text: `INSERT INTO process_checkpoints AS c (process, tenant_id, worker, lease_until)
        VALUES ($1, $2, $3, now() + make_interval(secs => $4::float8 / 1000))
        ON CONFLICT (process, tenant_id) DO UPDATE SET worker = EXCLUDED.worker, lease_until = EXCLUDED.lease_until
          WHERE c.worker = EXCLUDED.worker OR c.lease_until IS NULL OR c.lease_until < now()
        RETURNING sequence`,
      values: [this.process, tenantId, this.worker, this.leaseMs],
    });
    return rows[0] === undefined ? undefined : Number(rows[0].sequence);
  }

  /** Takes the tenant from whoever has it, until `release`: also when this process is gone, so whoever comes after it must finish. */
  async seize(tenantId: string): Promise<void> {
    await this.pool.query({
      text: `INSERT INTO process_checkpoints (process, tenant_id, worker, lease_until) VALUES ($1, $2, $3, 'infinity')
        ON CONFLICT (process, tenant_id) DO UPDATE SET worker = EXCLUDED.worker, lease_until = EXCLUDED.lease_until`,
      values: [this.process, tenantId, this.worker],
    });
  }

  /** Moves the checkpoint and keeps the tenant; false when another worker has taken it. */
  async move(tenantId: string, sequence: number): Promise<boolean> {
    const { rowCount } = await this.pool.query({
      name: 'move-process-checkpoint',
      text: `UPDATE process_checkpoints SET sequence = $3, lease_until = now() + make_interval(secs => $5::float8 / 1000)
        WHERE process = $1 AND tenant_id = $2 AND worker = $4 AND sequence <= $3`,
      values: [this.process, tenantId, sequence, this.worker, this.leaseMs],
    });
    return rowCount === 1;
  }

  /** Every tenant's checkpoint. */
  async all(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.pool.query<{ tenant_id: string; sequence: string }>({
      text: 'SELECT tenant_id, sequence FROM process_checkpoints WHERE process = $1',
      values: [this.process],
    });
    return new Map(rows.map(({ tenant_id, sequence }) => [tenant_id, Number(sequence)]));
  }

  /** Lets others take over at once. */
  async release(): Promise<void> {
    await this.pool.query({
      text: 'UPDATE process_checkpoints SET lease_until = NULL WHERE process = $1 AND worker = $2',
      values: [this.process, this.worker],
    });
  }
}
