import { createHash } from 'node:crypto';
import { directoryEvents, isErasure } from '#directory';
import {
  parseStreamName,
  type EventCatalogue,
  type EventStore,
  type Recorded,
  type StreamPosition,
} from '#event-sourcing';
import {
  EXPORT_FORMAT,
  EXPORT_VERSION,
  isExported,
  type ExportedEvent,
  type ExportedKind,
  type ExportFooter,
  type ExportHeader,
} from './export-format.js';

const READ_AT_ONCE = 500;
const catalogue: EventCatalogue = directoryEvents;

/** What an export is of. */
export interface ExportScope extends Pick<
  ExportHeader,
  'exportId' | 'tenantId' | 'exportedAt' | 'schemas' | 'resourceTypes'
> {
  /** The log's head at the beginning: what is written meanwhile is not in the export. */
  readonly lastSequence: number;
}

/** The lines of an export, each with its newline. `advanced` hears up to which sequence it has come. */
export async function* tenantExport(
  store: EventStore,
  scope: ExportScope,
  advanced: (sequence: number) => void,
): AsyncGenerator<string> {
  const { tenantId, lastSequence } = scope;
  const hash = createHash('sha256');
  const seen = (line: string): string => {
    hash.update(line);
    return line;
  };
  yield seen(lineOf({ format: EXPORT_FORMAT, version: EXPORT_VERSION, ...scope } satisfies ExportHeader));
  const erased = new ErasedStreams(store);
  let events = 0;
  for (let sequence = 0; sequence < lastSequence;) {
    const limit = Math.min(READ_AT_ONCE, lastSequence - sequence);
    const recorded = await store.readTenant(tenantId, sequence, limit);
    const exported = recorded.flatMap((one) => {
      const { kind } = parseStreamName(one.streamName);
      return isExported(kind) ? [{ kind, recorded: one }] : [];
    });
    const unreadable = await erased.among(
      tenantId,
      exported.map((one) => one.recorded.streamName),
    );
    if (exported.length > 0)
      yield seen(exported.map((one) => lineOf(exportedEvent(one, unreadable.has(one.recorded.streamName)))).join(''));
    events += exported.length;
    sequence += limit;
    advanced(sequence);
  }
  yield lineOf({ events, sha256: hash.digest('hex') } satisfies ExportFooter);
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`;

/** Of an erased subject nothing personal is exported, whether its key is gone already or not. */
const exportedEvent = (
  { kind, recorded }: { readonly kind: ExportedKind; readonly recorded: Recorded },
  isErased: boolean,
): ExportedEvent => {
  const { event, metadata, time } = recorded;
  const personal = Object.keys(catalogue[event.type]?.sealed ?? {});
  const erased = recorded.erased || (isErased && personal.length > 0);
  const data = Object.entries(event.data).filter(([field]) => !erased || !personal.includes(field));
  return {
    sequence: recorded.sequence,
    kind,
    id: recorded.resourceId,
    revision: recorded.revision,
    eventId: recorded.eventId,
    type: event.type,
    schemaVersion: recorded.schemaVersion,
    time: time.toISOString(),
    metadata,
    data: Object.fromEntries(data),
    ...(erased ? { erased } : {}),
  };
};

/** Erasure is the last thing in a stream. Its record may be there while the key still is: the process that erases was cut off. */
class ErasedStreams {
  constructor(private readonly store: EventStore) {}

  async among(tenantId: string, names: readonly string[]): Promise<ReadonlySet<string>> {
    const positions = await this.store.log.positions(tenantId, [...new Set(names)]);
    const closed = [...positions].filter(([, { open }]) => !open);
    const erased = await Promise.all(
      closed.map(async ([name, { revision }]) => ((await this.endsErased(tenantId, name, revision)) ? [name] : [])),
    );
    return new Set(erased.flat());
  }

  private async endsErased(tenantId: string, name: string, revision: StreamPosition['revision']): Promise<boolean> {
    const [last] = await this.store.log.readStream(tenantId, name, { from: revision, limit: 1 });
    return last !== undefined && isErasure(last);
  }
}
