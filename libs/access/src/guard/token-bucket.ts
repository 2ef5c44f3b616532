import type { RateLimit } from '#tenancy';

/** A balance that grows by `perSecond` up to `burst`. Admission needs a positive one; a charge may take it below zero (DESIGN §9, Bulk). */
export class TokenBucket {
  private balance: number | undefined;
  private at = 0;

  /** Seconds to wait when the balance is used up, else undefined: one request is admitted and charged. */
  admit({ perSecond, burst }: RateLimit, nowMs: number): number | undefined {
    const grown = (this.balance ?? burst) + (Math.max(nowMs - this.at, 0) / 1000) * perSecond;
    this.balance = Math.min(this.balance === undefined ? burst : grown, burst);
    this.at = nowMs;
    if (this.balance >= 1) {
      this.balance -= 1;
      return undefined;
    }
    return (1 - this.balance) / perSecond;
  }

  /** Takes the price of work that was admitted already. */
  charge(cost: number): void {
    this.balance = (this.balance ?? 0) - cost;
  }
}
