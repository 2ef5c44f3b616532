const FIRST_MS = 50;
const LONGEST_MS = 5_000;

/** Waits longer after each failure in a row, with jitter, so that several publishers do not knock together. */
export class Backoff {
  private failures = 0;

  succeeded(): void {
    this.failures = 0;
  }

  /** How long to wait after one more failure, in milliseconds. */
  failed(): number {
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return longest * (0.5 + Math.random() / 2);
  }
}
