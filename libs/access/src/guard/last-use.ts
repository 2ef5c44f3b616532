import type { Pool } from 'pg';

const WRITE_EVERY_MS = 60_000;

const STORE = `UPDATE scim_tokens t SET last_used_at = u.at
  FROM unnest($1::text[], $2::timestamptz[]) AS u(id, at)
  WHERE t.id = u.id AND (t.last_used_at IS NULL OR t.last_used_at < u.at)`;

/** Notes when tokens were last used: at most once a minute each, never in a request's way, lost when the process dies. */
export class LastUse {
  private written = new Map<string, number>();
  private pending = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly onError: (error: unknown) => void,
    private readonly now: () => number = Date.now,
  ) {}

  note(tokenId: string): void {
    const at = this.now();
    if (at - (this.written.get(tokenId) ?? 0) < WRITE_EVERY_MS) return;
    this.written.set(tokenId, at);
    this.pending.set(tokenId, at);
  }

  /** Writes what was noted, every five seconds. */
  start(): void {
    this.timer = setInterval(() => void this.flush(), 5000).unref();
  }

  async flush(): Promise<void> {
    this.forgetOld();
    if (this.pending.size === 0) return;
    const uses = [...this.pending];
    this.pending = new Map();
    try {
      await this.pool.query(STORE, [uses.map(([id]) => id), uses.map(([, at]) => new Date(at))]);
    } catch (error) {
      this.onError(error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private forgetOld(): void {
    const oldest = this.now() - WRITE_EVERY_MS;
    for (const [tokenId, at] of this.written) if (at < oldest) this.written.delete(tokenId);
  }
}
