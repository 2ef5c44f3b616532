import {
  Claims,
  ClaimTaken,
  ConcurrencyConflict,
  LeastRecentlyUsed,
  streamName,
  type EdgeIndex,
  type EventStore,
  type Sealer,
} from '#event-sourcing';
import { BadExport } from './export-format.js';
import type { EventAtLine } from './export-reader.js';
import { ImportBatch, type StreamPart } from './import-batch.js';
import { ImportedResources, pendingEvent, type ImportedResource } from './imported-resource.js';

const RESOURCES_AT_HAND = 20_000;

export interface DirectoryWriterPorts {
  readonly store: EventStore;
  readonly edges: Pick<EdgeIndex, 'among' | 'targets'>;
  readonly sealer: Sealer;
  readonly now: () => Date;
}

/** Appends exported events to a tenant, in their order, with the claims and edges that follow from them. */
export class DirectoryWriter {
  private readonly resources: ImportedResources;
  private readonly claims: Claims;
  private readonly atHand = new LeastRecentlyUsed<ImportedResource>(RESOURCES_AT_HAND);
  private batch = new ImportBatch();

  constructor(
    private readonly ports: DirectoryWriterPorts,
    private readonly tenantId: string,
  ) {
    this.resources = new ImportedResources(ports.store.log, ports.edges);
    this.claims = new Claims(ports.store, ports.sealer);
  }

  /**
   * Takes an event; it is durable after `flush` at the latest. After an error nothing may be written any more. Throws BadExport for an event
   * that cannot stand in this tenant, and as EventLog.append.
   */
  async write(at: EventAtLine): Promise<void> {
    const { line, size, event } = at;
    const { kind, id: resourceId, revision, erased = false } = event;
    const name = streamName(kind, this.tenantId, resourceId);
    const pending = pendingEvent(at);
    const before = await this.before(name, at);
    const time = new Date(event.time);
    const after = this.resources.after(kind, before, { event: pending.event, revision, time, erased });
    const closes = this.resources.isClosed(kind, after);
    const step = { tenantId: this.tenantId, streamName: name, resourceId, pending, line, size, before, after, closes };
    if (!this.batch.admits(step)) await this.flush();
    this.batch.add(step);
    this.atHand.set(name, after);
  }

  async flush(): Promise<void> {
    const parts = this.batch.parts();
    this.batch = new ImportBatch();
    if (parts.length === 0) return;
    try {
      await this.append(parts);
    } catch (error) {
      if (!(error instanceof ClaimTaken || error instanceof ConcurrencyConflict)) throw error;
      for (const part of parts) await this.appendAlone(part); // to find whose fault it is; those before it stay
    }
  }

  private async append(parts: readonly StreamPart[]): Promise<void> {
    const request = { streams: parts.map(({ write }) => write), time: this.ports.now() };
    await this.claims.append(
      request,
      parts.map(({ claims }) => claims),
    );
  }

  private async appendAlone(part: StreamPart): Promise<void> {
    try {
      await this.append([part]);
    } catch (cause) {
      if (cause instanceof ClaimTaken)
        throw new BadExport(part.line, `the ${cause.kind} of ${part.write.streamName} is taken in this tenant.`, {
          cause,
        });
      if (cause instanceof ConcurrencyConflict)
        throw new BadExport(part.line, `${part.write.streamName} was changed by somebody else meanwhile.`, { cause });
      throw cause;
    }
  }

  private async before(name: string, { line, event }: EventAtLine): Promise<ImportedResource> {
    const before = event.revision === 0 ? this.resources.none(event.kind) : await this.known(name, event.kind);
    if (before.folded.revision !== event.revision - 1)
      throw new BadExport(
        line,
        `${name} goes on with revision ${event.revision}, and here its last one is ${before.folded.revision}.`,
      );
    return before;
  }

  private async known(name: string, kind: EventAtLine['event']['kind']): Promise<ImportedResource> {
    const atHand = this.atHand.get(name);
    if (atHand !== undefined) return atHand;
    let read = this.resources.none(kind);
    for await (const recorded of this.ports.store.readStream(this.tenantId, name))
      read = this.resources.after(kind, read, recorded);
    return read;
  }
}
