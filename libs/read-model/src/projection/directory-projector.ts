import { controlStreamName, type EventStore, type Recorded } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import { batchStatement } from './batch-statement.js';
import { DirectoryBatch } from './directory-batch.js';
import { applyEvent, directoryProjection } from './directory-projection.js';
import type { Filling, Generations, ParkedEvent } from './generations.js';
import { ProjectionFault } from './projection-fault.js';
import { rowsOfBatch, weightOf } from './rows-of-batch.js';
import { loadStanding } from './standing-rows.js';
import { isTransient } from './transient-errors.js';

export interface DirectoryProjectorOptions {
  /** Names this projector in the leases; another one each start. */
  readonly worker: string;
  /** Others leave a tenant alone for so long after each batch. */
  readonly leaseMs: number;
  /** Events of one batch at most. */
  readonly batchEvents: number;
}

export const defaultBatchEvents = 1000;

/** Characters of resources, and members, that one statement carries at most. */
const MAX_WEIGHT = 16_000_000;
const MAX_MEMBERS = 20_000;

export type Applied =
  | { readonly kind: 'applied'; readonly filling: Filling; readonly events: readonly Recorded[] }
  /** Another projector was faster: read the fillings again. */
  | { readonly kind: 'moved' }
  /** The tenant was erased, and an empty filling took the place of this one. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'parked'; readonly event: ParkedEvent; readonly cause: Error };

/** Brings one tenant's read model forward, batch by batch. What fails for good parks the tenant; what may heal is thrown. */
export class DirectoryProjector {
  constructor(
    private readonly events: EventStore,
    private readonly database: TenantDatabase,
    private readonly generations: Generations,
    private readonly options: DirectoryProjectorOptions,
  ) {}

  /**
   * The events after the filling's checkpoint, as many as make a batch. When one of them cannot be opened, those before it come alone, and
   * the call after that throws the ProjectionFault.
   */
  async read({ tenantId, sequence }: Pick<Filling, 'tenantId' | 'sequence'>): Promise<readonly Recorded[]> {
    for (let limit = this.options.batchEvents; ; limit = Math.ceil(limit / 8)) {
      try {
        return await this.events.readTenant(tenantId, sequence, limit);
      } catch (error) {
        if (isTransient(error)) throw error;
        if (limit === 1) throw new ProjectionFault('unreadable-event', 'The event cannot be opened.', { cause: error });
      }
    }
  }

  /** Applies events that follow the filling's checkpoint, all of them or, at a size limit or fault, the first of them. */
  async apply(filling: Filling, events: readonly Recorded[]): Promise<Applied> {
    const [first] = events;
    if (first === undefined) return { kind: 'applied', filling, events };
    if (filling.ended) return this.write(filling, events, new DirectoryBatch()); // a write that was under way when the tenant was erased
    const end = events.find(({ event }) => event.type === 'TenantErased');
    if (end !== undefined) return this.end(filling, end.sequence);
    const portion = withinMemberLimit(events);
    const batch = new DirectoryBatch();
    await loadStanding(this.database, filling, portion, batch);
    const fault = foldAll(portion, batch);
    if (fault !== undefined)
      return fault.before === 0
        ? this.park(filling, first, fault.error)
        : this.apply(filling, portion.slice(0, fault.before));
    return this.write(filling, portion, batch);
  }

  /** Parks the filling at the event after its checkpoint, which could not even be read. */
  async parkUnreadable(filling: Filling, error: ProjectionFault): Promise<Applied> {
    const [stored] = await this.events.log.readTenant(filling.tenantId, filling.sequence, 1);
    if (stored === undefined) return { kind: 'moved' };
    return this.park(filling, { eventId: stored.id, sequence: stored.sequence }, error);
  }

  private async write(filling: Filling, events: readonly Recorded[], batch: DirectoryBatch): Promise<Applied> {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return { kind: 'applied', filling, events };
    const half = events.slice(0, Math.ceil(events.length / 2));
    try {
      const { indexes } = filling;
      const rows = rowsOfBatch(batch, indexes);
      if (weightOf(rows) > MAX_WEIGHT && events.length > 1) return await this.apply(filling, half);
      const { worker, leaseMs } = this.options;
      const move = { ...filling, projection: directoryProjection.name, from: filling.sequence, to: last.sequence };
      const { wantedIndexes } = batch;
      const statement = batchStatement(
        { ...move, eventTime: last.time, worker, leaseMs, indexes, wantedIndexes },
        rows,
      );
      const { rowCount } = await this.database.query(filling.tenantId, statement);
      if (rowCount !== 1) return { kind: 'moved' };
      return { kind: 'applied', filling: { ...filling, sequence: last.sequence, parked: undefined }, events };
    } catch (error) {
      if (isTransient(error)) throw error;
      // One of these events is the cause: halves find it, and what stands before it is written.
      if (events.length > 1) return this.apply(filling, half);
      return this.park(
        filling,
        first,
        new ProjectionFault('refused-by-database', 'The rows cannot be written.', { cause: error }),
      );
    }
  }

  private async park(
    filling: Filling,
    { eventId, sequence }: Pick<Recorded, 'eventId' | 'sequence'>,
    cause: ProjectionFault,
  ): Promise<Applied> {
    if (await this.isErased(filling.tenantId)) return this.end(filling, filling.sequence);
    const event = { eventId, sequence, code: cause.code };
    await this.generations.park(filling, event);
    return { kind: 'parked', event, cause };
  }

  private async end({ tenantId }: Filling, sequence: number): Promise<Applied> {
    await this.generations.end(tenantId, sequence);
    return { kind: 'ended' };
  }

  /** Its control stream is closed. Then nothing of it is shown any more, whatever event stands in the way. */
  private async isErased(tenantId: string): Promise<boolean> {
    const name = controlStreamName(tenantId);
    return (await this.events.log.positions(tenantId, [name])).get(name)?.open === false;
  }
}

/** The first events that together name at most MAX_MEMBERS members; one at least. */
const withinMemberLimit = (events: readonly Recorded[]): readonly Recorded[] => {
  let members = 0;
  const end = events.findIndex(({ event }, index) => {
    if ('members' in event.data && Array.isArray(event.data.members)) members += event.data.members.length;
    return members > MAX_MEMBERS && index > 0;
  });
  return end < 0 ? events : events.slice(0, end);
};

/** Undefined when all went well; else the fault and how many events went well before it. */
const foldAll = (
  events: readonly Recorded[],
  batch: DirectoryBatch,
): { readonly before: number; readonly error: ProjectionFault } | undefined => {
  for (const [before, recorded] of events.entries()) {
    try {
      applyEvent(recorded, batch);
    } catch (error) {
      if (error instanceof ProjectionFault) return { before, error };
      return {
        before,
        error: new ProjectionFault('handler-failed', 'The event has not the shape it should have.', { cause: error }),
      };
    }
  }
  return undefined;
};
