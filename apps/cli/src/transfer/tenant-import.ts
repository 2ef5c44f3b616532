import type { CommandResult, EventMetadata, Sealer } from '#event-sourcing';
import type { ProcessCheckpoints } from '#read-model';
import type { Stores } from '#runtime';
import type { ControlCommand, ControlEvent, ControlState } from '#tenancy';
import { notImported } from './already-imported.js';
import { DirectoryWriter } from './directory-writer.js';
import type { ExportHeader } from './export-format.js';
import type { EventAtLine, OpenedExport } from './export-reader.js';
import { pendingEvent } from './imported-resource.js';

/** Events looked up and durable together. */
const AT_ONCE = 500;

type ControlResult = Pick<CommandResult<ControlState, ControlEvent>, 'state' | 'events'>;

export interface TenantImportPorts {
  readonly stores: Pick<Stores, 'store' | 'edges' | 'log'> & { readonly sealer: Sealer };
  /** Acts on a tenant's control stream; what it did shows when it resolves. */
  readonly control: (tenantId: string, command: ControlCommand, metadata: EventMetadata) => Promise<ControlResult>;
  /** Of the process that records lost members: it must not record what the export tells itself. */
  readonly lostMembers: Pick<ProcessCheckpoints, 'seize' | 'release'>;
  readonly now: () => Date;
  /** Hears up to which sequence of the export everything is durable, or was there already. */
  readonly advanced: (sequence: number) => void;
}

export interface Imported {
  readonly written: number;
  /** They were there, from the import that this one continues. */
  readonly alreadyThere: number;
}

/** Brings an export into a tenant, whose sequence goes on. Cut off at any moment, it goes on when it is run again. */
export class TenantImport {
  constructor(
    private readonly ports: TenantImportPorts,
    private readonly tenantId: string,
    private readonly atOnce = AT_ONCE,
  ) {}

  /** Reads all of it and writes nothing. Throws BadExport when the file is not whole, is not for this release, or ids are taken here. */
  async check({ events }: OpenedExport): Promise<void> {
    for await (const some of inChunks(events, this.atOnce)) {
      for (const one of some) pendingEvent(one);
      const beginnings = some.filter(({ event }) => event.revision === 0);
      await notImported(this.ports.stores.log, this.tenantId, beginnings);
      this.advanced(some);
    }
  }

  /** Throws BadExport, a TenancyError (`tenant-not-found`, `import-unfinished`), and as EventLog.append. */
  async run({ header, events }: OpenedExport): Promise<Imported> {
    const { stores, lostMembers, now } = this.ports;
    const { exportId } = header;
    const { state } = await this.act(exportId, {
      type: 'BeginDirectoryImport',
      data: { exportId, tenantId: header.tenantId },
    });
    await this.registerDefinitions(header, state);
    await lostMembers.seize(this.tenantId);
    const writer = new DirectoryWriter({ ...stores, now }, this.tenantId);
    let [written, alreadyThere] = [0, 0];
    for await (const some of inChunks(events, this.atOnce)) {
      const fresh = await notImported(stores.log, this.tenantId, some);
      for (const one of fresh) await writer.write(one);
      await writer.flush();
      written += fresh.length;
      alreadyThere += some.length - fresh.length;
      this.advanced(some);
    }
    await lostMembers.release();
    await this.act(exportId, { type: 'EndDirectoryImport', data: { complete: true } });
    return { written, alreadyThere };
  }

  /** Gives up an import that is not finished: what has come stays. False when there was none. */
  async abandon(requestId: string): Promise<boolean> {
    await this.ports.lostMembers.release();
    const { events } = await this.act(requestId, { type: 'EndDirectoryImport', data: { complete: false } });
    return events.length > 0;
  }

  /** Those the tenant does not have: values under them would stay out of sight. What it has itself holds. */
  private async registerDefinitions(
    { exportId, schemas, resourceTypes }: ExportHeader,
    state: ControlState,
  ): Promise<void> {
    for (const { urn, document } of schemas)
      if (!state.schemas.has(urn.toLowerCase()))
        await this.act(exportId, { type: 'RegisterExtensionSchema', data: { urn, document } });
    for (const { name, document } of resourceTypes)
      if (!state.resourceTypes.has(name.toLowerCase()))
        await this.act(exportId, { type: 'RegisterResourceType', data: { name, document } });
  }

  private act(requestId: string, command: ControlCommand) {
    const metadata: EventMetadata = {
      actor: { kind: 'operator', id: 'cli' },
      requestId,
      correlationId: requestId,
      txn: requestId,
    };
    return this.ports.control(this.tenantId, command, metadata);
  }

  private advanced(some: readonly EventAtLine[]): void {
    this.ports.advanced(some.at(-1)?.event.sequence ?? 0);
  }
}

async function* inChunks(events: AsyncIterable<EventAtLine>, size: number): AsyncGenerator<readonly EventAtLine[]> {
  let chunk: EventAtLine[] = [];
  for await (const one of events) {
    chunk.push(one);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
