import type { EdgeChange } from '#event-sourcing';
import type { Statement } from '#postgres';
import { collectEdges, noEdges } from './edge-rows.js';

/** An event of a log that stands elsewhere, as the edge index needs it. */
export interface EdgeEvent {
  readonly streamName: string;
  readonly sequence: number;
  readonly change: EdgeChange;
}

/** Brings the edge index in step with events of one tenant, in the order of their sequences; to be run in a transaction of the tenant. */
export const edgesStatement = (tenantId: string, events: readonly EdgeEvent[]): Statement => {
  const rows = noEdges();
  const sequences: number[] = [];
  for (const ofStream of Map.groupBy(events, ({ streamName }) => streamName).values()) {
    collectEdges(
      rows,
      tenantId,
      ofStream.map(({ change }) => ({ edges: change })),
      sequences.length,
    );
    sequences.push(...ofStream.map(({ sequence }) => sequence));
  }
  return { name: 'apply-edges', text: 'SELECT apply_edges($1, $2)', values: [JSON.stringify(rows), sequences] };
};
