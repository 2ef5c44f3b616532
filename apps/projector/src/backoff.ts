const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/** Waits longer after each failure in a row of one key, with jitter. */
export class Backoff {
  private readonly failures = new Map<string, number>();

  succeeded(key: string): void {
    this.failures.delete(key);
  }

  /** How long to wait after one more failure, in milliseconds. */
  failed(key: string): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    return Math.min(LONGEST_MS, FIRST_MS * 2 ** failures) * (0.5 + Math.random() / 2);
  }
}
