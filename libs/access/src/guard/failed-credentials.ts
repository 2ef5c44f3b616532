import { RateLimiterMemory, type RateLimiterRes } from 'rate-limiter-flexible';
import { tooManyFailures } from '../access-denied.js';

/**
 * Slows down whoever guesses (R19). Only failures count and only they are refused: identity providers call for many customers from the same
 * addresses, so one customer's expired token must not shut out the others'.
 */
export class FailedCredentials {
  private readonly limiter: RateLimiterMemory;

  constructor({ points, duration }: { points: number; duration: number } = { points: 100, duration: 60 }) {
    this.limiter = new RateLimiterMemory({ points, duration });
  }

  /** Counts one failure of that address. Throws AccessDenied 429 when there were too many. */
  async count(address: string): Promise<void> {
    try {
      await this.limiter.consume(address);
    } catch (error) {
      throw tooManyFailures(Math.min(Math.max(Math.ceil((error as RateLimiterRes).msBeforeNext / 1000), 1), 30));
    }
  }
}
