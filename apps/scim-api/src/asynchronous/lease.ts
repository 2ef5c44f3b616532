import type { AcceptedRequests, TakenRequest } from '#access';

/** A request is another's when a process did not answer for so long; a living one renews its lease several times before. */
export const LEASE_SECONDS = 30;
const RENEW_EVERY_MS = (LEASE_SECONDS * 1000) / 3;
/** Ended for us before it ends for others. */
const MARGIN_MS = 2_000;

/** The lease was not renewed in time: another may be at work on the request. */
export class LeaseLost extends Error {
  constructor() {
    super('The lease on an accepted request was lost; another replica takes it over.');
    this.name = 'LeaseLost';
  }
}

/** Holds a taken request while it is carried out, and tells when it is held no more: after the process stood still, say. */
export class Lease {
  private until: number;
  private readonly renewal: NodeJS.Timeout;

  constructor(
    private readonly taken: TakenRequest,
    private readonly requests: Pick<AcceptedRequests, 'renew'>,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {
    this.until = this.fromNow();
    this.renewal = setInterval(() => void this.renew(), RENEW_EVERY_MS).unref();
  }

  /** Throws LeaseLost. */
  demand(): void {
    if (this.monotonicMs() >= this.until) throw new LeaseLost();
  }

  end(): void {
    clearInterval(this.renewal);
  }

  async renew(): Promise<void> {
    const until = this.fromNow();
    const isOurs = await this.requests.renew(this.taken).catch(() => undefined);
    if (isOurs === true) this.until = until;
    if (isOurs === false) this.until = -Infinity;
  }

  private fromNow(): number {
    return this.monotonicMs() + LEASE_SECONDS * 1000 - MARGIN_MS;
  }
}
