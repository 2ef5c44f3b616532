import type { RefusalPlace, RefusedRequest, RefusedRequests } from '#access';
import type { AuditEntry, AuditFilter, AuditTrail } from '#directory';

export interface WholeAuditFilter extends AuditFilter {
  readonly outcome?: 'success' | 'refused';
}

/** A refused write, with its number in the table. */
export interface RefusedEntry extends RefusedRequest {
  readonly outcome: 'refused';
  readonly id: string;
}

export type WholeAuditEntry = AuditEntry | RefusedEntry;

/** Where a page begins: a place in the log, and one in the table of refusals. */
export interface WholeAuditPlace {
  readonly log: number;
  readonly refusals: RefusalPlace;
}

export interface WholeAuditPage {
  readonly entries: readonly WholeAuditEntry[];
  /** Undefined on the last page. A page may be short, or empty, and not be the last. */
  readonly next: WholeAuditPlace | undefined;
}

/** By how much clocks of several processes may differ. */
const CLOCK_MARGIN_MS = 60_000;
const READ_AT_ONCE = 200;

/** What was done, from the log, and what was refused, from its table, as one list; newest first. */
export class WholeAudit {
  constructor(
    private readonly trail: Pick<AuditTrail, 'page'>,
    private readonly refused: Pick<RefusedRequests, 'page'>,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** One page; `from` as the page before gave it in `next`. */
  async page(
    tenantId: string,
    filter: WholeAuditFilter,
    { from, limit }: { readonly from?: WholeAuditPlace | undefined; readonly limit: number },
  ): Promise<WholeAuditPage> {
    const before = from?.refusals ?? { time: new Date(this.now().getTime() + CLOCK_MARGIN_MS), id: '0' };
    const [done, refusals] = await Promise.all([
      filter.outcome === 'refused' ? nothing : this.trail.page(tenantId, filter, { before: from?.log, limit }),
      filter.outcome === 'success' ? [] : this.refused.page(tenantId, filter, { before, limit }),
    ]);
    return merged(done, refusals, before, limit);
  }

  /** Everything that matches, in parts; from a place on when one is given. */
  async *all(
    tenantId: string,
    filter: WholeAuditFilter,
    from?: WholeAuditPlace,
  ): AsyncGenerator<readonly WholeAuditEntry[]> {
    let next = from;
    do {
      const page = await this.page(tenantId, filter, { from: next, limit: READ_AT_ONCE });
      if (page.entries.length > 0) yield page.entries;
      ({ next } = page);
    } while (next !== undefined);
  }
}

type Done = Awaited<ReturnType<AuditTrail['page']>>;
const nothing: Done = { entries: [], places: [], start: 0, next: undefined };

const merged = (
  done: Done,
  refusals: readonly (RefusedRequest & { readonly id: string })[],
  before: RefusalPlace,
  limit: number,
): WholeAuditPage => {
  const entries: WholeAuditEntry[] = [];
  let [taken, refused] = [0, 0];
  while (entries.length < limit) {
    const [event, refusal] = [done.entries[taken], refusals[refused]];
    // Nobody has looked further into the log yet: what stands there may be newer than the next refusal.
    if (event === undefined && done.next !== undefined) break;
    if (event === undefined && refusal === undefined) break;
    if (refusal === undefined || (event !== undefined && event.time >= refusal.time)) {
      entries.push(event as AuditEntry);
      taken += 1;
    } else {
      entries.push({ ...refusal, outcome: 'refused' });
      refused += 1;
    }
  }
  const log = taken === done.entries.length ? (done.next ?? 0) : (done.places[taken - 1] ?? done.start);
  const last = refusals[refused - 1];
  const more = log > 1 || refused < refusals.length || refusals.length === limit;
  return {
    entries,
    next: more ? { log, refusals: last === undefined ? before : { time: last.time, id: last.id } } : undefined,
  };
};
