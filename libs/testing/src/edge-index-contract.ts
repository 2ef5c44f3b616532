import { beforeEach, describe, expect, it } from '@jest/globals';
import type { EdgeChange, EdgeIndex, EventLog } from '#event-sourcing';
import { edgeWrite, newTenant } from './log-writes.js';

/** What every edge index must do, told through the log that keeps it. Called by `eventLogContract`. */
export const edgeIndexContract = (made: () => { readonly log: EventLog; readonly edges: EdgeIndex }): void =>
  describe('the edge index', () => {
    let t: string;
    let log: EventLog;
    let edges: EdgeIndex;
    beforeEach(() => {
      t = newTenant();
      ({ log, edges } = made());
    });

    const add = (source: string, ...ids: readonly string[]): EdgeChange => ({
      kind: 'added',
      source,
      targets: ids.map((id) => ({ id, kind: id.startsWith('g') ? 'Group' : 'User' })),
    });
    const remove = (source: string, ...targetIds: readonly string[]): EdgeChange => ({
      kind: 'removed',
      source,
      targetIds,
    });
    const goneTarget = (targetId: string): EdgeChange => ({ kind: 'target-gone', targetId });
    const goneSource = (source: string): EdgeChange => ({ kind: 'source-gone', source });

    /** Appends to the stream of a source, all in one request, and returns the sequence of the last event. */
    const happens = async (streamName: string, ...changes: readonly EdgeChange[]): Promise<number> => {
      const [appended] = await log.append({ streams: [edgeWrite(t, streamName, ...changes)] });
      return appended?.sequence ?? 0;
    };
    const ids = async (source: string, asOf?: number): Promise<readonly string[]> =>
      (await edges.targets(t, source, { limit: 100, ...(asOf === undefined ? {} : { asOf }) })).targets.map(
        ({ id }) => id,
      );

    it('knows who was added and who was removed', async () => {
      await happens('g1', add('g1', 'u2', 'u1', 'g9'));
      await happens('g1', remove('g1', 'u2', 'stranger'));
      expect(await edges.targets(t, 'g1', { limit: 10 })).toEqual({
        targets: [
          { id: 'g9', kind: 'Group' },
          { id: 'u1', kind: 'User' },
        ],
        next: undefined,
      });
      expect(await edges.among(t, 'g1', ['u1', 'u2', 'u3'])).toEqual(new Set(['u1']));
      expect(await edges.among(t, 'g1', [])).toEqual(new Set());
      expect(await edges.sources(t, 'u1', 10)).toEqual(['g1']);
      expect(await edges.sources(t, 'u2', 10)).toEqual([]);
    });

    it('follows an edge that comes and goes within one append', async () => {
      await happens('g1', add('g1', 'u1'));
      await happens('g1', remove('g1', 'u1'), add('g1', 'u1', 'u2'), remove('g1', 'u1', 'u2'), add('g1', 'u2'));
      expect(await ids('g1')).toEqual(['u2']);
      expect(await Promise.all([1, 2, 3, 4, 5].map((asOf) => ids('g1', asOf)))).toEqual([
        ['u1'],
        [],
        ['u1', 'u2'],
        [],
        ['u2'],
      ]);
    });

    it('gives targets page by page in the order of their ids', async () => {
      await happens('g1', add('g1', 'u3', 'u1', 'u5', 'u2', 'u4'));
      const first = await edges.targets(t, 'g1', { limit: 2 });
      expect(first).toMatchObject({ targets: [{ id: 'u1' }, { id: 'u2' }], next: 'u2' });
      const second = await edges.targets(t, 'g1', { after: 'u2', limit: 3 });
      expect(second).toMatchObject({ targets: [{ id: 'u3' }, { id: 'u4' }, { id: 'u5' }], next: undefined });
    });

    it('tells the targets as they stood after an earlier sequence, also page by page', async () => {
      const before = await happens('g1', add('g1', 'u1', 'u2', 'u3'));
      await happens('g1', remove('g1', 'u1', 'u3'), add('g1', 'u4'));
      expect(await ids('g1', before)).toEqual(['u1', 'u2', 'u3']);
      expect(await edges.targets(t, 'g1', { after: 'u1', limit: 1, asOf: before })).toMatchObject({
        targets: [{ id: 'u2' }],
        next: 'u2',
      });
      expect(await ids('g1', before - 1)).toEqual([]);
    });

    it('lets the edges to a deleted target vanish at once, and knows them until their removal is recorded', async () => {
      await happens('g1', add('g1', 'u1', 'u2'));
      await happens('g2', add('g2', 'u1'));
      const gone = await happens('u1', goneTarget('u1'));
      expect(await ids('g1')).toEqual(['u2']);
      expect(await edges.among(t, 'g1', ['u1'])).toEqual(new Set());
      expect(await edges.sources(t, 'u1', 10)).toEqual([]);
      expect(await edges.dangling(t, 'u1', 10)).toEqual(['g1', 'g2']);
      expect(await edges.dangling(t, 'u1', 1)).toEqual(['g1']);
      await happens('g1', remove('g1', 'u1'));
      expect(await edges.dangling(t, 'u1', 10)).toEqual(['g2']);
      expect(await ids('g1', gone)).toEqual(['u1', 'u2']); // by the group's own events it was still there
    });

    it('forgets a deleted source for the present, not for the past', async () => {
      const before = await happens('g1', add('g1', 'u1', 'u2'));
      await happens('g1', goneSource('g1'));
      expect(await ids('g1')).toEqual([]);
      expect(await edges.among(t, 'g1', ['u1'])).toEqual(new Set());
      expect(await edges.sources(t, 'u1', 10)).toEqual([]);
      await happens('u1', goneTarget('u1'));
      expect(await edges.dangling(t, 'u1', 10)).toEqual([]);
      expect(await ids('g1', before)).toEqual(['u1', 'u2']);
    });

    it('takes a deleted group out of the groups it was nested in', async () => {
      await happens('g1', add('g1', 'g2'));
      await happens('g2', add('g2', 'u1'), goneSource('g2'));
      expect(await ids('g1')).toEqual([]);
      expect(await edges.dangling(t, 'g2', 10)).toEqual(['g1']);
    });

    it('changes nothing when the append is refused', async () => {
      await happens('g1', add('g1', 'u1'));
      const refused = log.append({
        streams: [
          { ...edgeWrite(t, 'g1', remove('g1', 'u1'), add('g1', 'u2'), goneSource('g1')), expected: 'no-stream' },
        ],
      });
      await expect(refused).rejects.toMatchObject({ code: 'concurrency-conflict' });
      expect(await ids('g1')).toEqual(['u1']);
    });

    it('keeps tenants apart', async () => {
      await happens('g1', add('g1', 'u1'));
      const other = newTenant();
      expect(await edges.targets(other, 'g1', { limit: 10 })).toEqual({ targets: [], next: undefined });
      expect(await edges.sources(other, 'u1', 10)).toEqual([]);
      await log.append({ streams: [edgeWrite(other, 'u1', goneTarget('u1'))] });
      expect(await ids('g1')).toEqual(['u1']);
    });
  });
