import type { AppendedStream } from '#event-sourcing';
import type { AppendOutcome, PreparedAppend } from './append-batch.js';

export interface AppendQueueOptions {
  readonly maxBatch: number;
  readonly maxBatchBytes: number;
  readonly maxInFlight: number;
}

interface Waiting {
  readonly append: PreparedAppend;
  readonly settle: (outcome: AppendOutcome) => void;
}

/**
 * Coalesces the appends of a process: whatever has come while batches are under way goes into the next one. No batch holds two requests of
 * which one writes a stream that the other writes or guards, so within a batch no request depends on another.
 */
export class AppendQueue {
  private queue: Waiting[] = [];
  private inFlight = 0;
  private scheduled = false;
  private readonly idle: (() => void)[] = [];

  constructor(
    /** Answers for each request of a batch, in order; must not throw. */
    private readonly write: (batch: readonly PreparedAppend[]) => Promise<readonly AppendOutcome[]>,
    private readonly options: AppendQueueOptions,
  ) {}

  push(append: PreparedAppend): Promise<readonly AppendedStream[]> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: AppendOutcome) =>
        'error' in outcome ? reject(outcome.error) : resolve(outcome.appended);
      this.queue.push({ append, settle });
      this.schedule();
    });
  }

  /** Resolves when nothing is waiting or under way. */
  async drained(): Promise<void> {
    if (this.queue.length > 0 || this.inFlight > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Not at once: requests that arrive in the same turn of the event loop belong in one batch. */
  private schedule(): void {
    if (this.scheduled || this.inFlight >= this.options.maxInFlight || this.queue.length === 0) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      void this.send(this.take());
    });
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    this.inFlight += 1;
    this.schedule(); // what could not be in this batch
    const answers = await this.write(batch.map(({ append }) => append));
    this.inFlight -= 1;
    for (const [index, { settle }] of batch.entries())
      settle(answers[index] ?? { error: new Error('The event log gave no answer to an append.') });
    this.schedule();
    if (this.queue.length === 0 && this.inFlight === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  private take(): readonly Waiting[] {
    const { maxBatch, maxBatchBytes } = this.options;
    const batch: Waiting[] = [];
    const deferred: Waiting[] = [];
    const written = new Set<string>();
    const guarded = new Set<string>();
    let bytes = 0;
    let next = 0;
    for (; next < this.queue.length && batch.length < maxBatch && deferred.length < maxBatch; next += 1) {
      const waiting = this.queue[next];
      if (waiting === undefined) break;
      const { append } = waiting;
      if (batch.length > 0 && bytes + append.bytes > maxBatchBytes) break;
      if (meet(append.written, written) || meet(append.written, guarded) || meet(append.guarded, written)) {
        deferred.push(waiting);
        continue;
      }
      batch.push(waiting);
      bytes += append.bytes;
      for (const key of append.written) written.add(key);
      for (const key of append.guarded) guarded.add(key);
    }
    this.queue = [...deferred, ...this.queue.slice(next)];
    return batch;
  }
}

const meet = (some: ReadonlySet<string>, others: ReadonlySet<string>): boolean => {
  for (const key of some) if (others.has(key)) return true;
  return false;
};
