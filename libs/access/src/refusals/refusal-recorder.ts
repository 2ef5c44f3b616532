import type { RefusedRequest, RefusedRequests } from './refused-requests.js';

export interface RefusalRecorderOptions {
  /** Refusals that wait to be written, at most; what comes beyond is dropped. */
  readonly mostWaiting: number;
  /** Hears how many were dropped, and why: no room, or the database's error. */
  readonly onDropped: (count: number, reason: unknown) => void;
}

export const defaultRecorderOptions = { mostWaiting: 5_000 } as const;

const WRITE_EVERY_MS = 1_000;
const PURGE_EVERY_MS = 3_600_000;
/** Those that come in floods, and say nothing more each time. */
const COUNTED: ReadonlySet<number> = new Set([401, 403, 429, 503]);

interface Waiting {
  readonly tenantId: string;
  refusal: RefusedRequest;
}

/** Writes refusals off the way of requests: in batches, bounded, alike ones as one. Those that wait are lost when the process dies. */
export class RefusalRecorder {
  private waiting = new Map<string, Waiting>();
  private numbered = 0;
  private timers: readonly NodeJS.Timeout[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly requests: Pick<RefusedRequests, 'add' | 'purge'>,
    private readonly options: RefusalRecorderOptions,
  ) {}

  start(): void {
    this.timers = [
      setInterval(() => void this.flush(), WRITE_EVERY_MS).unref(),
      setInterval(() => void this.purge(), PURGE_EVERY_MS).unref(),
    ];
  }

  /** Never waits and never fails. */
  note(tenantId: string, refusal: RefusedRequest): void {
    const key = COUNTED.has(refusal.status) ? likeness(tenantId, refusal) : `${(this.numbered += 1)}`;
    const known = this.waiting.get(key);
    if (known !== undefined)
      known.refusal = { ...refusal, time: known.refusal.time, times: known.refusal.times + refusal.times };
    else if (this.waiting.size < this.options.mostWaiting) this.waiting.set(key, { tenantId, refusal });
    else this.options.onDropped(refusal.times, 'no room');
  }

  /** Writes what waits. Batches of one process follow each other. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  async close(): Promise<void> {
    this.timers.forEach((timer) => clearInterval(timer));
    await this.flush();
  }

  private async write(): Promise<void> {
    const batch = [...this.waiting.values()];
    this.waiting = new Map();
    for (const [tenantId, ofTenant] of Map.groupBy(batch, (one) => one.tenantId)) {
      const refusals = ofTenant.map(({ refusal }) => refusal);
      await this.requests.add(tenantId, refusals).catch((error: unknown) => {
        this.options.onDropped(
          refusals.reduce((sum, { times }) => sum + times, 0),
          error,
        );
      });
    }
  }

  private async purge(): Promise<void> {
    await this.requests.purge().catch((error: unknown) => this.options.onDropped(0, error));
  }
}

const likeness = (tenantId: string, { actor, method, resourceType, status, code }: RefusedRequest): string =>
  JSON.stringify([tenantId, actor?.kind, actor?.id, method, resourceType, status, code]);
