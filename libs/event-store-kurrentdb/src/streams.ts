import type { ReadStreamOptions } from '@kurrent/kurrentdb-client';
import { EventLogUnavailable } from '#event-sourcing';
import { errorType, type KurrentClient } from './kurrent-client.js';
import type { ReadRecord } from './records.js';

/** Reads of streams, always from the leader: a follower may not have yet what was acknowledged. Throw EventLogUnavailable. */
export class Streams {
  constructor(private readonly client: KurrentClient) {}

  /** Records from a revision on, at most `count`; none for an unknown stream. */
  async read(stream: string, from: number, count: number): Promise<readonly ReadRecord[]> {
    return this.records(stream, { direction: 'forwards', fromRevision: BigInt(from), maxCount: count });
  }

  /** The last record; undefined for an unknown stream. */
  async last(stream: string): Promise<ReadRecord | undefined> {
    return (await this.records(stream, { direction: 'backwards', fromRevision: 'end', maxCount: 1 }))[0];
  }

  private async records(stream: string, options: ReadStreamOptions): Promise<readonly ReadRecord[]> {
    const records: ReadRecord[] = [];
    try {
      for await (const { event } of this.client.readStream(stream, { ...options, requiresLeader: true }))
        if (event !== undefined) records.push(event);
      return records;
    } catch (error) {
      if (errorType(error) === 'stream-not-found') return [];
      throw new EventLogUnavailable('The event log did not answer.', { cause: error });
    }
  }
}
