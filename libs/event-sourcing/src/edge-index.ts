/** The far end of an edge: what a group has as a member. */
export interface EdgeTarget {
  readonly id: string;
  readonly kind: 'User' | 'Group';
}

/**
 * How one event changes who belongs to whom. Groups may have 1,000,000 members, so members are never folded into a state: the adapter
 * keeps them as rows, written in the append's own transaction, and decisions ask for the few they touch (DESIGN §4, large groups).
 */
export type EdgeChange =
  | { readonly kind: 'added'; readonly source: string; readonly targets: readonly EdgeTarget[] }
  | { readonly kind: 'removed'; readonly source: string; readonly targetIds: readonly string[] }
  /** The target is deleted: its edges vanish at once, the `removed` of each source follows later. */
  | { readonly kind: 'target-gone'; readonly targetId: string }
  /**
   * The source is deleted: one mark, its rows stay readable `asOf` an earlier sequence. A source may be the target of others (a nested
   * group): the edges to it vanish as with `target-gone`.
   */
  | { readonly kind: 'source-gone'; readonly source: string };

export interface EdgePage {
  readonly targets: readonly EdgeTarget[];
  /** Pass as `after` for the next page; undefined on the last one. */
  readonly next: string | undefined;
}

/** Who belongs to whom, exact at the log's head; kept by the event log's adapter, independent of any read model. */
export abstract class EdgeIndex {
  /** Those of `targetIds` that `source` has now. */
  abstract among(tenantId: string, source: string, targetIds: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * Targets of `source` ordered by id, one page. With `asOf`, as they stood right after that tenant sequence, by the events of the source
   * alone: targets that were deleted count until their removal is recorded.
   */
  abstract targets(
    tenantId: string,
    source: string,
    page: { readonly after?: string; readonly limit: number; readonly asOf?: number },
  ): Promise<EdgePage>;

  /** Ids of the sources that have `targetId` now (each not deleted), ordered, at most `limit`. */
  abstract sources(tenantId: string, targetId: string, limit: number): Promise<readonly string[]>;

  /** Sources whose edge to a deleted target still awaits its recorded removal, ordered, at most `limit`. */
  abstract dangling(tenantId: string, targetId: string, limit: number): Promise<readonly string[]>;
}
