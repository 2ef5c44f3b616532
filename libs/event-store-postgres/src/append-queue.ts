import type { AppendedStream } from '#event-sourcing';
import type { AppendOutcome, PreparedAppend } from './append-batch.js';

export interface AppendQueueOptions {
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  readonly maxInFlight: number;
}

interface Waiting {
  readonly append: PreparedAppend;
  /** The lane that prefers it: all of a tenant have the same. */
  readonly lane: number;
  readonly settle: (outcome: AppendOutcome) => void;
}

/**
 * Coalesces the appends of a process: whatever has come while batches are under way goes into the next one. No batch holds two requests of
 * which one writes a stream that the other writes or guards, so within a batch no request depends on another.
 *
 * An append holds the heads of its tenants until it is durable, so batches that share a tenant wait for each other. As many batches as may be
 * under way at once are lanes: beside others each takes the requests of its own tenants, and only when there are none those of others.
 */
export class AppendQueue {
  private queue: Waiting[] = [];
  private readonly free: number[];
  private scheduled = false;
  private readonly idle: (() => void)[] = [];

  constructor(
    /** Answers for each request of a batch, in order; must not throw. */
    private readonly write: (batch: readonly PreparedAppend[]) => Promise<readonly AppendOutcome[]>,
    private readonly options: AppendQueueOptions,
  ) {
    this.free = Array.from({ length: options.maxInFlight }, (_, lane) => lane);
  }

  push(append: PreparedAppend): Promise<readonly AppendedStream[]> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: AppendOutcome) =>
        'error' in outcome ? reject(outcome.error) : resolve(outcome.appended);
      this.queue.push({ append, lane: this.laneOf(append), settle });
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async drained(): Promise<void> {
    if (!this.isIdle()) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Not at once: requests that arrive in the same turn of the event loop belong in one batch. */
  private schedule(): void {
    if (this.scheduled || this.free.length === 0 || this.queue.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      const lane = this.nextLane();
      if (lane !== undefined) void this.send(lane, this.take(lane));
    });
  }

  /** A free lane that has requests of its own, or any. */
  private nextLane(): number | undefined {
    const wanted = this.free.findIndex((lane) => this.queue.some((waiting) => waiting.lane === lane));
    return this.free.splice(Math.max(wanted, 0), 1)[0];
  }

  private async send(lane: number, batch: readonly Waiting[]): Promise<void> {
    this.schedule(); // what could not be in this batch
    const answers = await this.write(batch.map(({ append }) => append));
    this.free.push(lane);
    for (const [index, { settle }] of batch.entries())
      settle(answers[index] ?? { error: new Error('The event log gave no answer to an append.') });
    this.schedule();
    if (this.isIdle()) for (const resolve of this.idle.splice(0)) resolve();
  }

  private isIdle(): boolean {
    return this.queue.length === 0 && this.free.length === this.options.maxInFlight;
  }

  private laneOf({ tenants }: PreparedAppend): number {
    const [tenantId = ''] = tenants;
    let hash = 0;
    for (let i = 0; i < tenantId.length; i += 1) hash = (hash * 31 + tenantId.charCodeAt(i)) >>> 0;
    return hash % this.options.maxInFlight;
  }

  private take(lane: number): readonly Waiting[] {
    const { maxBatch, maxBatchBytes } = this.options;
    const isAlone = this.free.length === this.options.maxInFlight - 1;
    const hasOwn = !isAlone && this.queue.some((waiting) => waiting.lane === lane);
    const batch: Waiting[] = [];
    const passedOver: Waiting[] = [];
    const written = new Set<string>();
    const guarded = new Set<string>();
    let bytes = 0;
    let deferred = 0;
    let next = 0;
    for (; next < this.queue.length && batch.length < maxBatch && deferred < maxBatch; next += 1) {
      const waiting = this.queue[next];
      if (waiting === undefined) break;
      const { append } = waiting;
      if (hasOwn && waiting.lane !== lane) {
        passedOver.push(waiting);
        continue;
      }
      if (batch.length > 0 && bytes + append.bytes > maxBatchBytes) break;
      if (meet(append.written, written) || meet(append.written, guarded) || meet(append.guarded, written)) {
        passedOver.push(waiting);
        deferred += 1;
        continue;
      }
      batch.push(waiting);
      bytes += append.bytes;
      for (const key of append.written) written.add(key);
      for (const key of append.guarded) guarded.add(key);
    }
    this.queue = [...passedOver, ...this.queue.slice(next)];
    return batch;
  }
}

const meet = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean => {
  for (const key of some) if (others.has(key)) return true;
  return false;
};
