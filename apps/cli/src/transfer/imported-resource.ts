import { directoryEvents, groupStream, resourceStream, userStream } from '#directory';
import {
  foldOne,
  unfolded,
  upcast,
  type Claim,
  type EventCatalogue,
  type Folded,
  type Message,
  type PendingEvent,
  type StreamType,
} from '#event-sourcing';
import { BadExport, type ExportedKind } from './export-format.js';
import type { EventAtLine } from './export-reader.js';

/** As much of a stream type as an import needs: nothing is decided, only folded. */
type Foldable = Pick<StreamType<unknown, Message, Message, unknown>, 'decider' | 'claims' | 'isClosed'>;

/** Total: a new kind of stream does not build until it can be imported. */
const foldables = (log: Parameters<typeof groupStream>[0], edges: Parameters<typeof groupStream>[1]) => {
  const streams: Readonly<Record<ExportedKind, unknown>> = {
    user: userStream,
    group: groupStream(log, edges),
    resource: resourceStream,
  };
  return streams as Readonly<Record<ExportedKind, Foldable>>;
};

const catalogue: EventCatalogue = directoryEvents;

/** The event as it is written here. Throws BadExport for an event that this release does not know. */
export const pendingEvent = ({ line, event: exported }: EventAtLine): PendingEvent => {
  const { type, schemaVersion, data, metadata, eventId, time, erased = false } = exported;
  const definition = catalogue[type];
  if (definition === undefined || schemaVersion > definition.schemaVersion)
    throw new BadExport(line, `${type} of version ${schemaVersion} is unknown here: a newer release has exported it.`);
  const standIns = erased ? definition.sealed : {};
  return {
    event: { type, data: { ...upcast(type, definition, schemaVersion, { ...data, ...standIns }), ...standIns } },
    metadata,
    origin: { id: eventId, time: new Date(time), erased },
  };
};

/** A resource as far as it has come in. */
export interface ImportedResource {
  readonly folded: Folded<unknown>;
  /** Values it holds; an erased one holds none, for nobody knows them. */
  readonly claims: readonly Claim[];
  readonly erased: boolean;
}

/** Folds the resources that come in, to know the values they claim. */
export class ImportedResources {
  private readonly foldables: Readonly<Record<ExportedKind, Foldable>>;

  constructor(log: Parameters<typeof groupStream>[0], edges: Parameters<typeof groupStream>[1]) {
    this.foldables = foldables(log, edges);
  }

  none(kind: ExportedKind): ImportedResource {
    return { folded: unfolded(this.foldables[kind].decider), claims: [], erased: false };
  }

  after(
    kind: ExportedKind,
    before: ImportedResource,
    { event, revision, time, erased }: { event: Message; revision: number; time: Date; erased: boolean },
  ): ImportedResource {
    const { decider, claims } = this.foldables[kind];
    const folded = foldOne(decider, before.folded, { event, revision, time });
    const isErased = before.erased || erased;
    return { folded, claims: isErased ? [] : claims(folded.state), erased: isErased };
  }

  isClosed(kind: ExportedKind, { folded }: ImportedResource): boolean {
    return this.foldables[kind].isClosed(folded.state);
  }
}
