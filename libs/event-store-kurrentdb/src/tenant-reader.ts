import { EventLogUnavailable, LeastRecentlyUsed, type EdgeChange, type StoredEvent } from '#event-sourcing';
import { inParallel } from './in-parallel.js';
import { edgesOf, headBeforeOf, headEntry, storedEvent, type HeadEntry, type ReadRecord } from './records.js';
import { eventStream, headStream } from './stream-names.js';
import type { Streams } from './streams.js';

/** An entry of a tenant's head, and the sequence that its place gives to the event. */
interface Sequenced extends HeadEntry {
  readonly sequence: number;
}

/** What a follower of the edge index needs of an event. */
export interface EdgeEvent {
  readonly sequence: number;
  readonly streamName: string;
  readonly change: EdgeChange;
}

const PARALLEL_READS = 32;
/** An event's entry stands close behind where its writer saw the head. */
const SEARCH = 32;
const REMEMBERED = 50_000;

/** Reads events through the head of their tenant, and finds the sequence of events read from their stream. Throws EventLogUnavailable. */
export class TenantReader {
  private readonly sequences = new LeastRecentlyUsed<number>(REMEMBERED);

  constructor(private readonly streams: Streams) {}

  /** Events of the tenant after a sequence, in order. */
  async events(tenantId: string, after: number, limit: number): Promise<readonly StoredEvent[]> {
    const entries = await this.entries(tenantId, after, limit);
    const records = await this.records(tenantId, entries);
    return entries.map(({ stream, sequence }, index) =>
      storedEvent(records[index] as ReadRecord, { tenantId, streamName: stream, sequence }),
    );
  }

  /** Of the `limit` events after a sequence those that change the edge index; and the last sequence looked at. */
  async edges(
    tenantId: string,
    after: number,
    limit: number,
  ): Promise<{ readonly events: readonly EdgeEvent[]; readonly reached: number }> {
    const entries = await this.entries(tenantId, after, limit);
    const changing = entries.filter(({ edges }) => edges);
    const records = await this.records(tenantId, changing);
    const events = changing.flatMap(({ stream, sequence }, index) => {
      const change = edgesOf(records[index] as ReadRecord);
      return change === undefined ? [] : [{ streamName: stream, sequence, change }];
    });
    return { events, reached: entries.at(-1)?.sequence ?? after };
  }

  /** Events of one stream, in order. */
  async stream(tenantId: string, streamName: string, from: number, count: number): Promise<readonly StoredEvent[]> {
    const records = await this.streams.read(eventStream(tenantId, streamName), from, count);
    const sequences = await inParallel(records, PARALLEL_READS, (record) =>
      this.sequence(tenantId, streamName, record),
    );
    return records.map((record, index) =>
      storedEvent(record, { tenantId, streamName, sequence: sequences[index] ?? NaN }),
    );
  }

  /** This process has just written it, and need not look. */
  remember(tenantId: string, streamName: string, revision: number, sequence: number): void {
    this.sequences.set(`${tenantId} ${streamName} ${revision}`, sequence);
  }

  private async sequence(tenantId: string, streamName: string, record: ReadRecord): Promise<number> {
    const known = () => this.sequences.get(`${tenantId} ${streamName} ${record.revision}`);
    for (let after = headBeforeOf(record); ; after += SEARCH) {
      const sequence = known();
      if (sequence !== undefined) return sequence;
      const entries = await this.entries(tenantId, after, SEARCH);
      for (const entry of entries) this.remember(tenantId, entry.stream, entry.revision, entry.sequence);
      if (entries.length < SEARCH) return known() ?? unreadable(tenantId);
    }
  }

  private async entries(tenantId: string, after: number, limit: number): Promise<readonly Sequenced[]> {
    const records = await this.streams.read(headStream(tenantId), after, limit); // revisions count from 0, sequences from 1
    return records.map((record) => ({ ...headEntry(record), sequence: Number(record.revision) + 1 }));
  }

  /** The event of each entry, in order. Entries of one stream are neighbours in it, as their sequences follow its order. */
  private async records(tenantId: string, entries: readonly Sequenced[]): Promise<readonly ReadRecord[]> {
    const ranges = new Map<string, { first: number; last: number }>();
    for (const { stream, revision } of entries) {
      const range = ranges.get(stream);
      if (range === undefined) ranges.set(stream, { first: revision, last: revision });
      else range.last = revision;
    }
    const found = new Map<string, ReadRecord>();
    await inParallel([...ranges], PARALLEL_READS, async ([stream, { first, last }]) => {
      for (const record of await this.streams.read(eventStream(tenantId, stream), first, last - first + 1))
        found.set(`${stream} ${record.revision}`, record);
    });
    return entries.map(({ stream, revision }) => found.get(`${stream} ${revision}`) ?? unreadable(tenantId));
  }
}

/** Entry and event are written together; without one of them this read came too early, or the server lost it. */
const unreadable = (tenantId: string): never => {
  throw new EventLogUnavailable(`KurrentDB does not show all events of the tenant ${tenantId}.`);
};
