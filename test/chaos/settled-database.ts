import pg from 'pg';
import { Generations } from '#read-model';
import type { Directory } from './directory.js';
import { brokenRules, membershipIndex, recount } from './recount.js';

const READ_TABLES = ['read_users', 'read_groups', 'read_emails', 'read_memberships'];
const DONE_WITHIN_MS = 60_000;

export interface LoggedEvent {
  readonly id: string;
  readonly kind: string;
  readonly sequence: number;
}

/** What the database of a system says when nothing moves any more. Sees all tenants: no policy stops it. */
export class SettledDatabase {
  private readonly pool: pg.Pool;

  constructor(url: string) {
    this.pool = new pg.Pool({ connectionString: url, max: 4 });
    this.pool.on('error', () => undefined);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  /** Events in the log, and how many of them read models or the process that records lost members still lack. Throws while there is no database. */
  async progress(tenantIds: readonly string[]): Promise<{ readonly written: number; readonly lag: number }> {
    const { rows } = await this.pool.query<{ written: string; lag: string }>(
      `SELECT sum(h.sequence) AS written,
         sum(h.sequence - coalesce(g.sequence, 0)) + sum(h.sequence - coalesce(c.sequence, 0)) AS lag
       FROM tenant_heads h
       LEFT JOIN projection_generations g ON g.tenant_id = h.tenant_id AND g.status = 'live'
       LEFT JOIN process_checkpoints c ON c.tenant_id = h.tenant_id AND c.process = 'membership-reaper'
       WHERE h.tenant_id = ANY ($1)`,
      [tenantIds],
    );
    return { written: Number(rows[0]?.written), lag: Number(rows[0]?.lag) };
  }

  /** Directory events of a tenant by sequence. */
  async logged(tenantId: string): Promise<readonly LoggedEvent[]> {
    const { rows } = await this.pool.query<LoggedEvent>(
      `SELECT id, sequence::int AS sequence, split_part(stream_name, '-', 1) AS kind FROM events
       WHERE tenant_id = $1 AND (stream_name LIKE 'user-%' OR stream_name LIKE 'group-%') ORDER BY sequence`,
      [tenantId],
    );
    return rows;
  }

  /** Faults of the log itself: sequences per tenant and revisions per stream have no gap and end where the heads say. */
  async gaps(tenantIds: readonly string[]): Promise<readonly string[]> {
    const tenants = await this.pool.query<{ tenant_id: string; head: string; events: string; last: string }>(
      `SELECT h.tenant_id, h.sequence AS head, count(e.id) AS events, max(e.sequence) AS last
       FROM tenant_heads h LEFT JOIN events e USING (tenant_id) WHERE h.tenant_id = ANY ($1) GROUP BY 1, 2
       HAVING count(e.id) <> h.sequence OR max(e.sequence) <> h.sequence`,
      [tenantIds],
    );
    const streams = await this.pool.query<{ stream_name: string }>(
      `SELECT s.stream_name FROM streams s LEFT JOIN events e USING (tenant_id, stream_name)
       WHERE s.tenant_id = ANY ($1) GROUP BY s.tenant_id, s.stream_name, s.revision
       HAVING count(e.id) <> s.revision + 1 OR max(e.revision) <> s.revision`,
      [tenantIds],
    );
    return [
      ...tenants.rows.map(
        ({ tenant_id, head, events, last }) => `${tenant_id}: head ${head}, ${events} events, the last is ${last}`,
      ),
      ...streams.rows.map(({ stream_name }) => `${stream_name}: its events are not those its revision tells`),
    ];
  }

  /** The directory as the rows of the read model have it. */
  recount(tenantId: string): Promise<Directory> {
    return recount(this.pool, tenantId);
  }

  /** The memberships that decisions go by. */
  membershipIndex(tenantId: string): Promise<Pick<Directory, 'memberships'>> {
    return membershipIndex(this.pool, tenantId);
  }

  /** Rules of one tenant that its rows break. */
  brokenRules(tenantId: string): Promise<readonly string[]> {
    return brokenRules(this.pool, tenantId);
  }

  /** Rebuilds the read model of each tenant from the first event and compares every row. */
  async rebuiltDiffers(tenantIds: readonly string[]): Promise<readonly string[]> {
    const differences = tenantIds.map((tenantId) =>
      this.rebuiltDiffersOf(tenantId).catch((error: Error) => [error.message]),
    );
    return (await Promise.all(differences)).flat();
  }

  private async rebuiltDiffersOf(tenantId: string): Promise<readonly string[]> {
    const generations = new Generations(this.pool);
    await this.swept(tenantId);
    const before = await this.rows(tenantId);
    const generation = await generations.rebuild(tenantId);
    await until(`${tenantId}: a rebuild does not come to its end`, async () =>
      (await generations.of(tenantId)).some((one) => one.status === 'live' && one.generation === generation),
    );
    await this.swept(tenantId);
    return differenceOf(before, await this.rows(tenantId)).map((what) => `${tenantId}: ${what}`);
  }

  /** Memberships of a deleted group are out of sight at once and taken away a little later. */
  private swept(tenantId: string): Promise<void> {
    return until(`${tenantId}: memberships of deleted groups are not swept away`, async () => {
      const { rowCount } = await this.pool.query(
        `SELECT FROM membership_sweeps JOIN projection_generations USING (tenant_id, generation)
         WHERE tenant_id = $1 AND status = 'live'`,
        [tenantId],
      );
      return rowCount === 0;
    });
  }

  /** The live rows as text, without the number of their generation. */
  private async rows(tenantId: string): Promise<readonly string[]> {
    const tables = READ_TABLES.map(
      (table) => `SELECT '${table} ' || (to_jsonb(r) - 'generation')::text AS row FROM ${table} r
        JOIN projection_generations g ON g.tenant_id = r.tenant_id AND g.generation = r.generation AND g.status = 'live'
        WHERE r.tenant_id = $1`,
    );
    const totals = `SELECT 'totals ' || users_total || ' users, ' || groups_total || ' groups' FROM projection_generations
      WHERE tenant_id = $1 AND status = 'live'`;
    const { rows } = await this.pool.query<{ row: string }>(
      `SELECT row FROM (${[...tables, totals].join(' UNION ALL ')}) AS all_rows ORDER BY row COLLATE "C"`,
      [tenantId],
    );
    return rows.map(({ row }) => row);
  }
}

const differenceOf = (live: readonly string[], rebuilt: readonly string[]): readonly string[] => {
  const [before, after] = [new Set(live), new Set(rebuilt)];
  return [
    ...live.filter((row) => !after.has(row)).map((row) => `only in the live read model: ${row}`),
    ...rebuilt.filter((row) => !before.has(row)).map((row) => `only in the rebuilt one: ${row}`),
  ];
};

const until = async (otherwise: string, isDone: () => Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + DONE_WITHIN_MS;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(otherwise);
    await new Promise((again) => setTimeout(again, 50));
  }
};
