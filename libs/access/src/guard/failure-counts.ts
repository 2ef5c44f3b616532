import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

export interface FailureLimit {
  readonly failures: number;
  readonly withinMs: number;
}

const COUNT = `INSERT INTO failure_counts AS f (key, count, until) VALUES ($1, 1, $2)
  ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN f.until <= $3 THEN 1 ELSE f.count + 1 END,
    until = CASE WHEN f.until <= $3 THEN EXCLUDED.until ELSE f.until END`;
const READ = `SELECT count, until FROM failure_counts WHERE key = $1 AND until > $2`;

/** Counts failures on all replicas together, in PostgreSQL. What is counted stands there as a hash: it may be an address of somebody. */
export class FailureCounts {
  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly now: () => Date,
  ) {}

  /** Notes one failure. */
  async count(subject: string, { withinMs }: FailureLimit): Promise<void> {
    const now = this.now();
    await this.pool.query(COUNT, [hashOf(subject), new Date(now.getTime() + withinMs), now]);
  }

  /** Milliseconds until the subject may try again; 0 when it may now. */
  async waitMs(subject: string, { failures }: FailureLimit): Promise<number> {
    const now = this.now();
    const { rows } = await this.pool.query<{ count: number; until: Date }>(READ, [hashOf(subject), now]);
    const [row] = rows;
    return row === undefined || row.count < failures ? 0 : row.until.getTime() - now.getTime();
  }

  /** A success: the subject starts anew. */
  async forget(subject: string): Promise<void> {
    await this.pool.query('DELETE FROM failure_counts WHERE key = $1', [hashOf(subject)]);
  }

  /** Forgets what is over. */
  async purge(): Promise<void> {
    await this.pool.query('DELETE FROM failure_counts WHERE until <= $1', [this.now()]);
  }
}

const hashOf = (subject: string): string => createHash('sha256').update(subject).digest('base64url');
