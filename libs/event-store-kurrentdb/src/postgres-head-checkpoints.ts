import type { Pool } from 'pg';
import type { Position } from '@kurrent/kurrentdb-client';
import { HeadCheckpoints, type HeadCheckpoint } from './tenant-heads.js';

/** Checkpoints of the follower of `$all` in PostgreSQL. Errors: the database's. */
export class PostgresHeadCheckpoints extends HeadCheckpoints {
  /** Takes a pool of `createServicePool`. */
  constructor(private readonly pool: Pool) {
    super();
  }

  /** Position first: heads that are newer than it do no harm, older ones would. */
  async load(): Promise<HeadCheckpoint> {
    const { rows } = await this.pool.query<{ commit_position: string; prepare_position: string }>(
      'SELECT commit_position, prepare_position FROM kurrentdb_position',
    );
    const heads = await this.pool.query<{ tenant_id: string; sequence: string }>(
      'SELECT tenant_id, sequence FROM kurrentdb_heads',
    );
    const [at] = rows;
    return {
      position: at && { commit: BigInt(at.commit_position), prepare: BigInt(at.prepare_position) },
      heads: new Map(heads.rows.map(({ tenant_id, sequence }) => [tenant_id, Number(sequence)])),
    };
  }

  async save(position: Position, heads: ReadonlyMap<string, number>): Promise<void> {
    const ordered = [...heads].sort(([a], [b]) => (a < b ? -1 : 1)); // processes that save at once lock in one order
    await this.pool.query({
      name: 'save-kurrentdb-heads',
      text: `WITH heads AS (
          INSERT INTO kurrentdb_heads AS h SELECT * FROM unnest($3::text[], $4::bigint[])
          ON CONFLICT (tenant_id) DO UPDATE SET sequence = excluded.sequence WHERE h.sequence < excluded.sequence
        )
        INSERT INTO kurrentdb_position AS p (commit_position, prepare_position) VALUES ($1, $2)
        ON CONFLICT (only_one) DO UPDATE
        SET commit_position = excluded.commit_position, prepare_position = excluded.prepare_position
        WHERE (p.commit_position, p.prepare_position) < (excluded.commit_position, excluded.prepare_position)`,
      values: [
        position.commit,
        position.prepare,
        ordered.map(([tenantId]) => tenantId),
        ordered.map(([, sequence]) => sequence),
      ],
    });
  }
}
