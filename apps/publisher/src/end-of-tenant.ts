import { endOfPublished, type PublicRecord, type PublisherPosition } from '#contracts';
import type { EventLog, Recorded, StoredEvent } from '#event-sourcing';
import type { Part } from './part.js';

const EVENTS_PER_READ = 500;
const RECORDS_PER_PART = 500;

/**
 * What the public hears when a tenant is erased. The tenant's own log tells what has been made public, from its first event on, so the place
 * reached in it is the place within the event: killed anywhere, it goes on there, and nothing comes twice.
 */
export class EndOfTenant {
  constructor(private readonly log: Pick<EventLog, 'readTenant' | 'positions'>) {}

  /** Parts that are published one after the other, from the tenant's position on. */
  async *parts(erasure: Recorded, { offset = 0, after = '0' }: PublisherPosition): AsyncGenerator<Part> {
    let records: PublicRecord[] = [];
    let sent = offset;
    for await (const { event, ended } of this.ends(erasure, Number(after))) {
      records.push(...ended);
      if (records.length < RECORDS_PER_PART) continue;
      sent += records.length;
      yield { records, position: { sequence: erasure.sequence - 1, offset: sent, after: String(event.sequence) } };
      records = [];
    }
    yield { records, position: { sequence: erasure.sequence, ended: true } };
  }

  private async *ends(erasure: Recorded, after: number) {
    let reached = after;
    for (;;) {
      const events = (await this.log.readTenant(erasure.tenantId, reached, EVENTS_PER_READ)).filter(
        ({ sequence }) => sequence < erasure.sequence,
      );
      const last = events.at(-1);
      if (last === undefined) return;
      reached = last.sequence;
      yield* await this.endsOf(erasure, events);
    }
  }

  private async endsOf(erasure: Recorded, events: readonly StoredEvent[]) {
    const names = new Set(events.map(({ streamName }) => streamName));
    const positions = await this.log.positions(erasure.tenantId, [...names]);
    return events.map((event) => {
      const { revision, open } = positions.get(event.streamName) ?? { revision: event.revision, open: false };
      return { event, ended: endOfPublished(erasure, { event, revision, open }) };
    });
  }
}
