import { describe, expect, it } from '@jest/globals';
import type { RefusedRequest } from '#access';
import type { AuditEntry } from '#directory';
import { WholeAudit, type WholeAuditFilter, type WholeAuditPlace } from './whole-audit.js';

const at = (second: number) => new Date(Date.UTC(2026, 10, 21, 12, 0, second));
const event = (sequence: number, second: number) => ({ sequence, time: at(second), outcome: 'success' }) as AuditEntry;
const refusal = (id: number, second: number) => ({ id: `${id}`, time: at(second) }) as RefusedRequest & { id: string };

/** `seen`: how many events a page of the log looks at; every third is one that the filter does not match. */
const auditOf = (
  events: readonly AuditEntry[],
  refusals: readonly (RefusedRequest & { id: string })[],
  seen = Infinity,
) => {
  const trail = {
    page: async (
      _tenant: string,
      _filter: object,
      { before, limit }: { before?: number | undefined; limit: number },
    ) => {
      const start = before ?? events.length + 1;
      const looked = events.slice(Math.max(0, start - 1 - seen), Math.max(0, start - 1)).toReversed();
      const entries = looked.filter(({ sequence }) => sequence % 3 !== 0).slice(0, limit);
      const end = entries.length === limit ? (entries.at(-1)?.sequence ?? 0) : (looked.at(-1)?.sequence ?? 1);
      return {
        entries,
        places: entries.map(({ sequence }) => sequence),
        start,
        next: end > 1 ? end : undefined,
      };
    },
  };
  const refused = {
    page: async (
      _tenant: string,
      _filter: object,
      { before, limit }: { before: { time: Date; id: string }; limit: number },
    ) =>
      refusals
        .filter(({ time, id }) => time < before.time || (+time === +before.time && Number(id) < Number(before.id)))
        .toSorted((a, b) => +b.time - +a.time || Number(b.id) - Number(a.id))
        .slice(0, limit),
  };
  return new WholeAudit(trail, refused, () => at(59));
};

const whole = async (audit: WholeAudit, filter: WholeAuditFilter = {}, limit = 2) => {
  const found: string[] = [];
  let from: WholeAuditPlace | undefined;
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await audit.page('acme', filter, { from, limit });
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    found.push(...page.entries.map((one) => (one.outcome === 'success' ? `e${one.sequence}` : `r${one.id}`)));
    if (page.next === undefined) return found;
    from = page.next;
  }
  throw new Error('It never ends.');
};

const events = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => event(n, n * 2));
const refusals = [
  refusal(1, 1),
  refusal(2, 5),
  refusal(3, 5),
  refusal(4, 16),
  refusal(5, 20),
  refusal(6, 21),
  refusal(7, 22),
];
const inOrder = ['r7', 'r6', 'r5', 'e8', 'r4', 'e7', 'e5', 'e4', 'r3', 'r2', 'e2', 'e1', 'r1'];

describe('F27 what was done and what was refused', () => {
  it.each([1, 2, 3, 5, 50])('are one list by time, %i to a page, each once', async (limit) =>
    expect(await whole(auditOf(events, refusals), {}, limit)).toEqual(inOrder),
  );

  it.each([1, 2, 3])('stay in order when a page looks at %i events alone', async (seen) =>
    expect(await whole(auditOf(events, refusals, seen), {}, 4)).toEqual(inOrder),
  );

  it('can be had apart', async () => {
    expect(await whole(auditOf(events, refusals), { outcome: 'refused' })).toEqual(
      inOrder.filter((one) => one[0] === 'r'),
    );
    expect(await whole(auditOf(events, refusals), { outcome: 'success' })).toEqual(
      inOrder.filter((one) => one[0] === 'e'),
    );
  });

  it('are shown as they stood at the first page, whatever happens meanwhile', async () => {
    const [growing, coming] = [[...events], [...refusals]];
    const audit = auditOf(growing, coming);
    const first = await audit.page('acme', {}, { limit: 2 });
    growing.push(event(10, 58));
    coming.push(refusal(8, 57));
    const second = await audit.page('acme', {}, { from: first.next, limit: 3 });
    expect(second.entries.map(({ time }) => time)).toEqual([20, 16, 16].map(at));
  });

  it('may be whole or empty', async () => {
    const parts = [];
    for await (const entries of auditOf(events, refusals).all('acme', {})) parts.push(...entries);
    expect(parts).toHaveLength(inOrder.length);
    expect(await whole(auditOf([], []))).toEqual([]);
    expect(await whole(auditOf([], refusals.slice(0, 2)))).toEqual(['r2', 'r1']);
  });
});
