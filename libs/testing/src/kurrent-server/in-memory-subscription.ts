import { EventEmitter } from 'node:events';
import type { KurrentSubscription, ReadRecord } from '#event-store-kurrentdb';

/** A filtered subscription to `$all` of the server in memory: what is there already, `caughtUp`, then what comes, in order. */
export class InMemorySubscription extends EventEmitter implements KurrentSubscription {
  private waiting: ReadRecord[] = [];
  private isLive = false;
  private ended = false;

  constructor(
    private readonly prefixes: readonly string[],
    private readonly left: (self: InMemorySubscription) => void,
  ) {
    super();
  }

  start(past: readonly ReadRecord[]): void {
    const known = new Set(past);
    this.deliver(past);
    this.deliver(this.waiting.filter((record) => !known.has(record)));
    this.waiting = [];
    this.isLive = true;
    if (!this.ended) this.emit('caughtUp', {});
  }

  push(records: readonly ReadRecord[]): void {
    if (this.isLive) setImmediate(() => this.deliver(records));
    else this.waiting.push(...records);
  }

  fail(error: Error): void {
    if (this.ended) return;
    this.end();
    this.emit('error', error);
  }

  async unsubscribe(): Promise<void> {
    this.end();
  }

  private deliver(records: readonly ReadRecord[]): void {
    for (const event of records)
      if (!this.ended && this.prefixes.some((prefix) => event.streamId.startsWith(prefix)))
        this.emit('data', { event });
  }

  private end(): void {
    this.ended = true;
    this.left(this);
  }
}
