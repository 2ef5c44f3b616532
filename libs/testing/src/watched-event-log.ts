import { InMemoryEventLog, type AppendRequest } from '#event-sourcing';

/** A log in memory that counts, and in whose appends a test can step between. */
export class WatchedEventLog extends InMemoryEventLog {
  readonly appends: AppendRequest[] = [];
  reads = 0;
  /** Runs before anything is written; what it throws fails the append. */
  beforeAppend: (request: AppendRequest) => Promise<void> | void = () => {};
  /** Runs when it is written; what it throws makes the outcome unknown to the caller. */
  afterAppend: () => void = () => {};

  override async append(request: AppendRequest) {
    this.appends.push(request);
    await this.beforeAppend(request);
    const appended = await super.append(request);
    this.afterAppend();
    return appended;
  }

  override readStream(...args: Parameters<InMemoryEventLog['readStream']>) {
    this.reads += 1;
    return super.readStream(...args);
  }
}
