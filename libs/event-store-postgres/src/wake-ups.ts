import type { Pool, PoolClient } from 'pg';
import type { Subscription, WakeUp } from '#event-sourcing';

export interface WakeUpTiming {
  /** Other processes hear of appends at most once in this time, the first time at once. */
  readonly notifyEveryMs: number;
  readonly reconnectAfterMs: { readonly first: number; readonly most: number };
}

const CHANNEL = 'rollcall_appended';
const MAX_PAYLOAD = 7_000; // PostgreSQL takes less than 8,000 bytes

/**
 * Tells listeners in this process at once, and those of other processes by NOTIFY, outside the append's transaction: a commit with NOTIFY
 * takes a lock over the whole cluster. Hints may be lost; who listens also polls.
 */
export class WakeUps {
  private readonly listeners = new Set<WakeUp>();
  private readonly pending = new Set<string>();
  private readonly self = `${process.pid}-${Math.random().toString(36).slice(2, 10)}`;
  private timer: NodeJS.Timeout | undefined;
  private session: PoolClient | undefined;
  private connecting: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly pool: Pool,
    private readonly timing: WakeUpTiming,
  ) {}

  /** Resolves when hints of other processes can arrive, or the first attempt to listen has failed; later ones follow by themselves. */
  async subscribe(wake: WakeUp): Promise<Subscription> {
    this.listeners.add(wake);
    this.connecting ??= this.listen(this.timing.reconnectAfterMs.first);
    await this.connecting;
    return {
      close: async () => {
        this.listeners.delete(wake);
      },
    };
  }

  appended(tenants: Iterable<string>): void {
    for (const tenantId of tenants) {
      this.pending.add(tenantId);
      this.tell(tenantId);
    }
    if (this.timer === undefined) this.notify();
  }

  async close(): Promise<void> {
    this.closed = true;
    this.listeners.clear();
    clearTimeout(this.timer);
    await this.connecting;
    this.session?.release(true); // ends the session, and its LISTEN with it
    this.session = undefined;
  }

  private tell(tenantId: string | undefined): void {
    for (const wake of this.listeners) queueMicrotask(() => wake(tenantId));
  }

  private notify(): void {
    if (this.pending.size === 0 || this.closed) {
      this.timer = undefined;
      return;
    }
    const tenants = [...this.pending].join(',');
    this.pending.clear();
    this.timer = setTimeout(() => this.notify(), this.timing.notifyEveryMs).unref();
    const payload = `${this.self}:${tenants.length > MAX_PAYLOAD ? '' : tenants}`;
    this.pool
      .query({ name: 'notify-appended', text: 'SELECT pg_notify($1, $2)', values: [CHANNEL, payload] })
      .catch(() => undefined); // a lost hint
  }

  private async listen(retryAfterMs: number): Promise<void> {
    if (this.closed) return;
    try {
      const session = await this.pool.connect();
      session.once('error', () => this.lost(session));
      session.once('end', () => this.lost(session));
      session.on('notification', ({ payload = '' }) => this.heard(payload));
      this.session = session;
      await session.query(`LISTEN ${CHANNEL}`);
    } catch {
      this.drop();
      this.again(retryAfterMs);
    }
  }

  private lost(session: PoolClient): void {
    if (this.session !== session) return;
    this.drop();
    this.again(this.timing.reconnectAfterMs.first);
  }

  private drop(): void {
    this.session?.release(true);
    this.session = undefined;
  }

  private again(afterMs: number): void {
    if (this.closed) return;
    setTimeout(() => {
      const next = Math.min(afterMs * 2, this.timing.reconnectAfterMs.most);
      this.connecting = this.listen(next).then(() => this.tell(undefined)); // what was said meanwhile is lost
    }, afterMs).unref();
  }

  private heard(payload: string): void {
    const colon = payload.indexOf(':');
    if (payload.slice(0, colon) === this.self) return; // told directly
    const tenants = payload.slice(colon + 1);
    if (tenants === '') this.tell(undefined);
    else for (const tenantId of tenants.split(',')) this.tell(tenantId);
  }
}
