/**
 * What to do with a key next: nothing until it is added again; again by itself after a pause that no news ends (`againAfterMs`); or, if there
 * is nothing else to do, a look after a while unless news comes first (`lookAfterMs`).
 */
export type Outcome = { readonly againAfterMs: number } | { readonly lookAfterMs: number } | undefined;

/**
 * Work by key: several keys at a time, each in the hands of one worker. A key that is added while it is worked on is worked on once more,
 * so no news is lost.
 */
export class KeyedQueue {
  private readonly waiting = new Set<string>();
  private readonly working = new Map<string, Promise<void>>();
  private readonly held = new Map<string, NodeJS.Timeout>();
  private readonly looks = new Map<string, NodeJS.Timeout>();
  private stopped = false;

  constructor(
    private readonly concurrency: number,
    /** Never rejects. */
    private readonly work: (key: string) => Promise<Outcome>,
  ) {}

  /** Works on the key as soon as there is room; not before its time when the last work asked for a pause. */
  add(key: string): void {
    if (this.stopped || this.held.has(key)) return;
    clearTimeout(this.looks.get(key));
    this.looks.delete(key);
    this.waiting.add(key);
    this.fill();
  }

  /** Begins nothing more; resolves when what is begun is done. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of [...this.held.values(), ...this.looks.values()]) clearTimeout(timer);
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
    if (outcome !== undefined && !this.stopped) this.plan(key, outcome);
    this.fill();
  }

  private plan(key: string, outcome: Exclude<Outcome, undefined>): void {
    if ('againAfterMs' in outcome) this.hold(key, outcome.againAfterMs);
    else if (this.waiting.size === 0)
      this.looks.set(
        key,
        setTimeout(() => this.add(key), outcome.lookAfterMs),
      );
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
