import { streamName, type EventLog } from '#event-sourcing';
import { BadExport, type ExportedEvent } from './export-format.js';
import type { EventAtLine } from './export-reader.js';

type Log = Pick<EventLog, 'positions' | 'readStream'>;

/**
 * The events among `events` that the tenant does not have yet. Those it has were written by an import that was cut off: an event keeps its id.
 * Throws BadExport where another resource has the id, or the resource has gone its own way since.
 */
export const notImported = async (
  log: Log,
  tenantId: string,
  events: readonly EventAtLine[],
): Promise<readonly EventAtLine[]> => {
  const byStream = Map.groupBy(events, ({ event }) => nameOf(tenantId, event));
  const positions = await log.positions(tenantId, [...byStream.keys()]);
  const known = new Set<EventAtLine>();
  await Promise.all(
    [...byStream].map(async ([name, ofStream]) => {
      const revision = positions.get(name)?.revision ?? -1;
      for (const one of await sameEvents(log, tenantId, name, ofStream, revision)) known.add(one);
    }),
  );
  return events.filter((one) => !known.has(one));
};

const nameOf = (tenantId: string, { kind, id }: ExportedEvent): string => streamName(kind, tenantId, id);

const sameEvents = async (
  log: Log,
  tenantId: string,
  name: string,
  events: readonly EventAtLine[],
  lastRevision: number,
): Promise<readonly EventAtLine[]> => {
  const there = events.filter(({ event }) => event.revision <= lastRevision);
  const revisions = there.map(({ event }) => event.revision);
  if (there.length === 0) return [];
  const stored = await log.readStream(tenantId, name, { from: Math.min(...revisions), to: Math.max(...revisions) });
  const ids = new Map(stored.map(({ revision, id }) => [revision, id]));
  for (const { line, event } of there)
    if (ids.get(event.revision) !== event.eventId)
      throw new BadExport(
        line,
        event.revision === 0
          ? `this tenant has another resource under the name ${name}.`
          : `${name} was changed in this tenant since it was imported.`,
      );
  return there;
};
