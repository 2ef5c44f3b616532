import { LeastRecentlyUsed } from '#event-sourcing';

export interface KeyCacheOptions {
  readonly capacity: number;
  /** How long an unwrapped key may be used before the store is asked again: the time in which erasure reaches every process. */
  readonly maxAgeMs: number;
  readonly monotonicMs: () => number;
}

/** Unwrapped keys by name: bounded in number and in age. */
export class KeyCache<Key> {
  private entries: LeastRecentlyUsed<{ readonly key: Key; readonly until: number }>;
  private drops = 0;

  constructor(private readonly options: KeyCacheOptions) {
    this.entries = new LeastRecentlyUsed(options.capacity);
  }

  /** The key, unless it is too old. */
  get(name: string): Key | undefined {
    const entry = this.entries.get(name);
    return entry !== undefined && this.options.monotonicMs() < entry.until ? entry.key : undefined;
  }

  /** The key whatever its age: good only to be compared with what the store says. */
  getStale(name: string): Key | undefined {
    return this.entries.get(name)?.key;
  }

  /** Take one before asking the store and hand it to `put`: what was read before an erasure is not kept after it. */
  ticket(): number {
    return this.drops;
  }

  put(name: string, key: Key, ticket = this.drops): void {
    if (ticket !== this.drops) return;
    this.entries.set(name, { key, until: this.options.monotonicMs() + this.options.maxAgeMs });
  }

  drop(name: string): void {
    this.drops += 1;
    this.entries.delete(name);
  }

  clear(): void {
    this.drops += 1;
    this.entries = new LeastRecentlyUsed(this.options.capacity);
  }
}
