import type { Pool } from 'pg';
import { directoryProjection } from '../projection/directory-projection.js';
import type { CheckpointSignal } from './checkpoint-signal.js';

interface Waiter {
  readonly sequence: number;
  readonly resume: () => void;
}

/** How often to ask the database for the checkpoints that somebody waits for: all tenants in one statement. */
export const pollMs = 4;
/** The same when a projector in this process tells them; asking is then the safety net. */
export const pollBesideSignalMs = 50;

/** Waits for checkpoints: everybody who waits in this process shares one poll. */
export class CheckpointWatch {
  private readonly waiting = new Map<string, Set<Waiter>>();
  private polling = false;

  constructor(
    private readonly pool: Pool,
    private readonly signal?: CheckpointSignal,
  ) {
    signal?.onMoved((tenantId, sequence) => this.reached(tenantId, sequence));
  }

  /**
   * Resolves when the tenant's checkpoint has reached `sequence`, when its read model turns out to be parked, or when the time is up: the
   * caller looks again and sees which.
   */
  wait(tenantId: string, sequence: number, timeMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(tenantId) ?? new Set<Waiter>();
      this.waiting.set(tenantId, waiters);
      const resume = (): void => {
        clearTimeout(timer);
        waiters.delete(waiter);
        if (waiters.size === 0 && this.waiting.get(tenantId) === waiters) this.waiting.delete(tenantId);
        resolve();
      };
      const waiter: Waiter = { sequence, resume };
      const timer = setTimeout(resume, timeMs);
      waiters.add(waiter);
      this.startPolling();
    });
  }

  private reached(tenantId: string, sequence: number): void {
    for (const waiter of [...(this.waiting.get(tenantId) ?? [])]) if (waiter.sequence <= sequence) waiter.resume();
  }

  private startPolling(): void {
    if (this.polling) return;
    this.polling = true;
    void this.poll().finally(() => {
      this.polling = false;
      if (this.waiting.size > 0) this.startPolling();
    });
  }

  private async poll(): Promise<void> {
    while (this.waiting.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.signal === undefined ? pollMs : pollBesideSignalMs));
      if (this.waiting.size === 0) return;
      await this.ask().catch(() => undefined); // those who wait are told by their own next statement
    }
  }

  private async ask(): Promise<void> {
    const { rows } = await this.pool.query<{ tenant_id: string; sequence: string; parked: boolean }>({
      name: 'checkpoints-waited-for',
      text: `SELECT tenant_id, sequence, parked_event_id IS NOT NULL AS parked FROM projection_generations
        WHERE projection = $1 AND status = 'live' AND tenant_id = ANY ($2::text[])`,
      values: [directoryProjection.name, [...this.waiting.keys()]],
    });
    for (const { tenant_id, sequence, parked } of rows) this.reached(tenant_id, parked ? Infinity : Number(sequence));
  }
}
