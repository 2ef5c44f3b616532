import type { Pool } from 'pg';

const FIRST = 500;
const GROWTH = 4;
const RENEW_AT_MOST_MS = 10_000;

/**
 * Statistics of the read model's tables, gathered while they grow. A plan made when a table was empty may walk through a whole tenant to find
 * one row, and autovacuum looks only once a minute: too late for a first import of 100 users a second.
 */
export class TableStatistics {
  private applied = 0;
  private due = FIRST;
  private gathering: Promise<void> = Promise.resolve();
  private renewal: NodeJS.Timeout | undefined;
  private renewedAt = -Infinity;

  constructor(
    private readonly pool: Pick<Pool, 'query'>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Counts what was applied; gathers in the background after 500 events, 2,000, 8,000 and so on. */
  grew(events: number): void {
    this.applied += events;
    if (this.applied < this.due) return;
    this.due = this.applied * GROWTH;
    this.gatherNext();
  }

  /** What was erased may stand among the most common values and the bounds of histograms: they are gathered anew, every ten seconds at most. */
  erased(): void {
    const wait = Math.max(0, this.renewedAt + RENEW_AT_MOST_MS - performance.now());
    this.renewal ??= setTimeout(() => {
      this.renewal = undefined;
      this.renewedAt = performance.now();
      this.gatherNext();
    }, wait);
  }

  /** Resolves when nothing is being gathered. */
  async close(): Promise<void> {
    if (this.renewal !== undefined) {
      clearTimeout(this.renewal);
      this.gatherNext(); // what was erased is not left to the next process, which knows nothing of it
    }
    await this.gathering;
  }

  private gatherNext(): void {
    this.gathering = this.gathering.then(() => this.gather());
  }

  private async gather(): Promise<void> {
    try {
      await this.pool.query('SELECT gather_read_model_statistics()');
    } catch (error) {
      this.onError(error); // plans are slower for a while, nothing else
    }
  }
}
