/** What to do with a key next: nothing until it is added again, or again by itself after a while. */
export type Outcome = { readonly againAfterMs: number } | undefined;

/**
 * Work by key: several keys at a time, each in the hands of one worker. A key that is added while it is worked on is worked on once more,
 * so no news is lost.
 */
export class KeyedQueue {
  private readonly waiting = new Set<string>();
  private readonly working = new Map<string, Promise<void>>();
  private readonly held = new Map<string, NodeJS.Timeout>();
  private stopped = false;

  constructor(
    private readonly concurrency: number,
    /** Never rejects. */
    private readonly work: (key: string) => Promise<Outcome>,
  ) {}

  /** Works on the key as soon as there is room; not before its time when the last work asked for a pause. */
  add(key: string): void {
    if (this.stopped || this.held.has(key)) return;
    this.waiting.add(key);
    this.fill();
  }

  /** Begins nothing more; resolves when what is begun is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.held.values()) clearTimeout(timer);
    await Promise.all(this.working.values());
  }

  private fill(): void {
    for (const key of this.waiting) {
      if (this.stopped || this.working.size >= this.concurrency) return;
      if (this.working.has(key)) continue;
      this.waiting.delete(key);
      this.working.set(key, this.run(key));
    }
  }

  private async run(key: string): Promise<void> {
    const outcome = await this.work(key);
    this.working.delete(key);
    if (outcome !== undefined && !this.stopped) this.hold(key, outcome.againAfterMs);
    this.fill();
  }

  private hold(key: string, milliseconds: number): void {
    this.waiting.delete(key);
    const timer = setTimeout(() => {
      this.held.delete(key);
      this.add(key);
    }, milliseconds);
    this.held.set(key, timer);
  }
}
