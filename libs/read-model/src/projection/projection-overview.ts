import type { EventLog } from '#event-sourcing';
import { directoryProjection } from './directory-projection.js';
import type { Generations, Parked } from './generations.js';

/** What `GET /admin/v1/projections` shows of one tenant's filling; during a rebuild a tenant has two. */
export interface ProjectionOverview {
  readonly name: string;
  readonly tenant: string;
  readonly generation: number;
  readonly status: 'live' | 'building';
  readonly checkpoint: number;
  readonly head: number;
  readonly lagEvents: number;
  readonly lastEventAt: Date | undefined;
  readonly users: number;
  readonly groups: number;
  /** Paths of the attributes that filters find by an index, beside those that always have one. */
  readonly indexedAttributes: readonly string[];
  readonly parked: Parked | undefined;
}

/** Every tenant's read model: how far it is, what it waits for. The heads are asked for first, so a lag is never below the truth by much. */
export const projectionOverview = async (
  generations: Generations,
  log: Pick<EventLog, 'heads'>,
): Promise<readonly ProjectionOverview[]> => {
  const heads = await log.heads();
  return (await generations.all()).map((filling) => {
    const head = Math.max(heads.get(filling.tenantId) ?? 0, filling.sequence);
    return {
      name: directoryProjection.name,
      tenant: filling.tenantId,
      generation: filling.generation,
      status: filling.status,
      checkpoint: filling.sequence,
      head,
      lagEvents: head - filling.sequence,
      lastEventAt: filling.eventTime,
      users: filling.users,
      groups: filling.groups,
      indexedAttributes: filling.indexes,
      parked: filling.parked,
    };
  });
};
