import { controlStreamName, type EventLog, type StoredEvent } from '#event-sourcing';

type Log = Pick<EventLog, 'head' | 'positions' | 'readTenant' | 'readStream'>;

/** Events that stand at places 1 to `last` without gaps: those of a tenant, or of one stream. */
export interface EventRange {
  readonly last: number;
  /** False where an import has put events of the past behind those of the present. */
  risesWithTime(): Promise<boolean>;
  /** The events from a place on, in order, at most `count`. */
  read(from: number, count: number): Promise<readonly StoredEvent[]>;
}

/** Everything a tenant's log holds at this moment. */
export const tenantRange = async (log: Log, tenantId: string): Promise<EventRange> => ({
  last: await log.head(tenantId),
  risesWithTime: async () => !(await tookAnImport(log, tenantId)),
  read: (from, count) => log.readTenant(tenantId, from - 1, count),
});

const tookAnImport = async (log: Log, tenantId: string): Promise<boolean> => {
  const acts = await log.readStream(tenantId, controlStreamName(tenantId));
  return acts.some(({ type }) => type === 'DirectoryImportBegun');
};

/** The first stream among `names` that exists; empty when none does. */
export const streamRange = async (log: Log, tenantId: string, names: readonly string[]): Promise<EventRange> => {
  const positions = await log.positions(tenantId, names);
  const name = names.find((one) => positions.has(one));
  if (name === undefined) return { last: 0, risesWithTime: async () => true, read: async () => [] };
  return {
    last: (positions.get(name)?.revision ?? -1) + 1,
    risesWithTime: async () => true, // a resource comes in with its whole past
    read: (from, count) => log.readStream(tenantId, name, { from: from - 1, limit: count }),
  };
};

/**
 * The last place whose event is not later than `time`, 0 when all are: a handful of single reads, whatever the size of the range. Exact as
 * far as times rise with places (`risesWithTime`); clocks of several processes may differ a little, so leave a margin.
 */
export const lastPlaceUntil = async (range: EventRange, time: Date): Promise<number> => {
  let [known, beyond] = [0, range.last + 1];
  while (beyond - known > 1) {
    const middle = Math.floor((known + beyond) / 2);
    const [event] = await range.read(middle, 1);
    if (event !== undefined && event.time <= time) known = middle;
    else beyond = middle;
  }
  return known;
};
