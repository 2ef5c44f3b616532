import { LeastRecentlyUsed } from '#event-sourcing';
import { tooManyRequests } from '../access-denied.js';
import type { Caller } from './authenticator.js';
import { TokenBucket } from './token-bucket.js';

/** Okta waits the seconds it is told, doubles them each time and gives up after ten: longer waits would end its job. */
const LONGEST_WAIT_SECONDS = 30;

/** Requests per tenant and credential (R19, DESIGN §9), counted in this process: with n replicas a tenant may get up to n times the rate. */
export class RateLimits {
  private readonly buckets: LeastRecentlyUsed<TokenBucket>;

  constructor(
    private readonly monotonicMs: () => number = () => performance.now(),
    capacity = 50_000,
  ) {
    this.buckets = new LeastRecentlyUsed(capacity);
  }

  /** Admits one request. Throws AccessDenied 429 with the whole seconds to wait. */
  admit(caller: Caller): void {
    const wait = this.bucket(caller).admit(caller.tenant.settings.rateLimit, this.monotonicMs());
    if (wait !== undefined) throw tooManyRequests(Math.min(Math.max(Math.ceil(wait), 1), LONGEST_WAIT_SECONDS));
  }

  /** Charges further operations of an admitted request, such as those of a Bulk. */
  charge(caller: Caller, operations: number): void {
    this.bucket(caller).charge(operations);
  }

  private bucket({ actor, tenant }: Caller): TokenBucket {
    const key = `${tenant.tenantId}/${actor.kind}/${actor.id}`;
    const bucket = this.buckets.get(key) ?? new TokenBucket();
    this.buckets.set(key, bucket);
    return bucket;
  }
}
