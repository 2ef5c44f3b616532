import type { EdgeChange, EventToAppend } from '#event-sourcing';

/** An edge that a request adds: by event `e`, and removes again by event `u` when it is not null. */
interface AddedEdge {
  readonly e: number;
  u: number | null;
  readonly t: string;
  readonly s: string;
  readonly o: string;
  readonly k: string;
}

/** What `apply_edges` takes; numbers are 1-based places of events in the batch. */
export interface EdgeRows {
  readonly removed: { readonly u: number; readonly t: string; readonly s: string; readonly o: string }[];
  readonly added: AddedEdge[];
  readonly goneTargets: { readonly e: number; readonly t: string; readonly o: string }[];
  readonly goneSources: { readonly e: number; readonly t: string; readonly s: string }[];
}

export const noEdges = (): EdgeRows => ({ removed: [], added: [], goneTargets: [], goneSources: [] });

export const isWithoutEdges = ({ removed, added, goneTargets, goneSources }: EdgeRows): boolean =>
  removed.length + added.length + goneTargets.length + goneSources.length === 0;

/**
 * Adds what the events of one stream do to the edges, in order. An edge that comes and goes within the stream's events becomes one row of
 * the past, so that the database never has to change one row twice.
 */
export const collectEdges = (
  rows: EdgeRows,
  t: string,
  events: readonly Pick<EventToAppend, 'edges'>[],
  before: number,
): void => {
  const present = new Map<string, AddedEdge>();
  for (const [index, { edges }] of events.entries())
    if (edges !== undefined) collect(rows, t, edges, before + index + 1, present);
};

const collect = (rows: EdgeRows, t: string, change: EdgeChange, e: number, present: Map<string, AddedEdge>): void => {
  switch (change.kind) {
    case 'added':
      for (const { id: o, kind: k } of change.targets) {
        const edge = { e, u: null, t, s: change.source, o, k };
        rows.added.push(edge);
        present.set(o, edge);
      }
      return;
    case 'removed':
      for (const o of change.targetIds) {
        const edge = present.get(o);
        present.delete(o);
        if (edge === undefined) rows.removed.push({ u: e, t, s: change.source, o });
        else edge.u = e;
      }
      return;
    case 'target-gone':
      rows.goneTargets.push({ e, t, o: change.targetId });
      return;
    case 'source-gone':
      rows.goneSources.push({ e, t, s: change.source });
      rows.goneTargets.push({ e, t, o: change.source });
  }
};
