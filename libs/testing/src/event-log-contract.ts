import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConcurrencyConflict,
  type AppendedStream,
  type EdgeIndex,
  type EventLog,
  type StoredEvent,
} from '#event-sourcing';
import { edgeIndexContract } from './edge-index-contract.js';
import { eventOf, newTenant, write } from './log-writes.js';

export interface LogUnderTest {
  readonly log: EventLog;
  /** The index that the log keeps in step. */
  readonly edges: EdgeIndex;
  close(): Promise<void>;
}

/** What every event log must do. Each case works on tenants of its own, so one log serves them all. */
export const eventLogContract = (name: string, makeLog: () => Promise<LogUnderTest>): void =>
  describe(name, () => {
    let made: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      made = await makeLog();
      log = made.log;
    });
    afterAll(() => made.close());

    const conflictOf = async (append: Promise<unknown>): Promise<ConcurrencyConflict> => {
      const error: unknown = await append.then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ConcurrencyConflict);
      return error as ConcurrencyConflict;
    };

    const closing = (tenantId: string, streamName: string) =>
      log.append({ streams: [{ ...write(tenantId, streamName, 'any', 1), closes: true }] });

    describe('an append', () => {
      it('writes to several streams at once and says where the last event of each stands', async () => {
        const t = newTenant();
        const appended = await log.append({ streams: [write(t, 'a', 'no-stream', 2), write(t, 'b', 'no-stream', 1)] });
        expect(appended).toEqual([
          { tenantId: t, streamName: 'a', revision: 1, sequence: 2 },
          { tenantId: t, streamName: 'b', revision: 0, sequence: 3 },
        ]);
        expect(places(await log.readTenant(t, 0, 10))).toEqual([
          [1, 'a', 0],
          [2, 'a', 1],
          [3, 'b', 0],
        ]);
      });

      it('keeps every field of an event as it came', async () => {
        const t = newTenant();
        const event = {
          ...eventOf('Odd'),
          schemaVersion: 7,
          time: new Date('2026-03-01T10:11:12.345Z'),
          data: {
            z: 1,
            a: [true, null, 1.5, { ключ: '😀 \u2028 "quoted" \\ \u0001' }],
            empty: {},
            big: 9007199254740991,
          },
        };
        await log.append({ streams: [{ tenantId: t, streamName: 'a', expected: 'no-stream', events: [event] }] });
        const [stored] = await log.readTenant(t, 0, 1);
        expect(stored).toEqual({ ...event, tenantId: t, streamName: 'a', sequence: 1, revision: 0 });
        expect(JSON.stringify(stored?.data)).toBe(JSON.stringify(event.data));
      });

      it('under a wrong expectation writes nothing, to none of its streams, and tells the actual revisions', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'a', 'no-stream', 3)] });
        const { conflicts } = await conflictOf(
          log.append({
            streams: [write(t, 'b', 'no-stream', 1), write(t, 'a', 'no-stream', 1), write(t, 'c', 4, 1)],
          }),
        );
        expect(conflicts).toEqual([
          { tenantId: t, streamName: 'a', expected: 'no-stream', actual: 2 },
          { tenantId: t, streamName: 'c', expected: 4, actual: undefined },
        ]);
        expect((await conflictOf(log.append({ streams: [write(t, 'a', 1, 1)] }))).conflicts).toEqual([
          { tenantId: t, streamName: 'a', expected: 1, actual: 2 },
        ]);
        expect(await log.head(t)).toBe(3);
      });

      it('goes on from the revision it expects, or from whatever is there', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'a', 'any', 1)] });
        await log.append({ streams: [write(t, 'a', 0, 2)] });
        const [appended] = await log.append({ streams: [write(t, 'a', 'any', 1)] });
        expect(appended).toMatchObject({ revision: 3, sequence: 4 });
      });

      it('of 50 that claim one name at once lets one through', async () => {
        const t = newTenant();
        const attempts = await Promise.allSettled(
          Array.from({ length: 50 }, (_, n) =>
            log.append({ streams: [write(t, `user-${n}`, 'no-stream', 1), write(t, 'claim', 'no-stream', 1)] }),
          ),
        );
        const lost = attempts.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
        expect(lost).toHaveLength(49);
        for (const error of lost)
          expect(error).toMatchObject({ conflicts: [{ streamName: 'claim', expected: 'no-stream', actual: 0 }] });
        expect(await log.head(t)).toBe(2);
      });

      it('among many at once conflicts alone', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'taken', 'no-stream', 1)] });
        const attempts = await Promise.allSettled(
          Array.from({ length: 200 }, (_, n) =>
            log.append({ streams: [write(t, n === 77 ? 'taken' : `free-${n}`, 'no-stream', 2)] }),
          ),
        );
        expect(attempts.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([77]);
        expect(sequences(await log.readTenant(t, 0, 1_000))).toEqual(upTo(399));
      });
    });

    describe('a guard', () => {
      const guarded = (t: string, of: string, stream = 'group') =>
        log.append({ streams: [write(t, stream, 'any', 1)], guards: [{ tenantId: t, streamName: of }] });

      it('lets the append pass while the stream is there and open', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'user', 'no-stream', 1)] });
        await expect(guarded(t, 'user')).resolves.toHaveLength(1);
      });

      it('stops it when the stream does not exist or is closed', async () => {
        const t = newTenant();
        expect((await conflictOf(guarded(t, 'nobody'))).conflicts).toEqual([
          { tenantId: t, streamName: 'nobody', expected: 'open', actual: undefined },
        ]);
        await closing(t, 'user');
        expect((await conflictOf(guarded(t, 'user'))).conflicts).toEqual([
          { tenantId: t, streamName: 'user', expected: 'open', actual: 0 },
        ]);
        expect(await log.head(t)).toBe(1);
      });

      it('keeps a stream closed that is written once more', async () => {
        const t = newTenant();
        await closing(t, 'user');
        await log.append({ streams: [write(t, 'user', 0, 1)] });
        await conflictOf(guarded(t, 'user'));
        expect(await log.positions(t, ['user', 'nobody'])).toEqual(new Map([['user', { revision: 1, open: false }]]));
      });

      it('that races with the closing passes only before it', async () => {
        const t = newTenant();
        const rounds = upTo(40);
        await log.append({ streams: rounds.map((n) => write(t, `user-${n}`, 'no-stream', 1)) });
        await Promise.all(
          rounds.map(async (n) => {
            const first = n % 2 === 0 ? [closing(t, `user-${n}`)] : [];
            const member = guarded(t, `user-${n}`, `group-${n}`).catch(() => undefined);
            const [closed = await closing(t, `user-${n}`)] = await Promise.all(first);
            const added = await member;
            if (added !== undefined) expect(added[0]?.sequence).toBeLessThan(closed[0]?.sequence ?? 0);
          }),
        );
      });
    });

    describe('the order of a tenant', () => {
      it('has no gap and no event out of place for a reader beside 16 writers', async () => {
        const t = newTenant();
        let writing = true;
        const seen: StoredEvent[] = [];
        const reader = (async () => {
          for (;;) {
            const last = !writing; // read once more after the writers have ended
            const page = await log.readTenant(t, seen.length, 100);
            seen.push(...page);
            if (last && page.length === 0) return;
            if (page.length === 0) await new Promise((resolve) => setImmediate(resolve));
          }
        })();
        const acknowledged = await Promise.all(
          upTo(16).map(async (writer) => {
            const mine: AppendedStream[] = [];
            for (let n = 0; n < 40; n += 1)
              mine.push(
                ...(await log.append({
                  streams: [
                    write(t, `own-${writer}`, n === 0 ? 'no-stream' : n - 1, 1),
                    write(t, `hot-${n % 3}`, 'any', 1),
                  ],
                })),
              );
            return mine;
          }),
        );
        writing = false;
        await reader;
        expect(sequences(seen)).toEqual(upTo(16 * 40 * 2));
        const revisions = new Map<string, number>();
        for (const { streamName, revision } of seen) {
          expect(revision).toBe((revisions.get(streamName) ?? -1) + 1);
          revisions.set(streamName, revision);
        }
        const at = new Map(seen.map((event) => [event.sequence, event]));
        for (const { streamName, revision, sequence } of acknowledged.flat())
          expect(at.get(sequence)).toMatchObject({ streamName, revision });
      });

      it('is covered by the head that is read after an append was acknowledged', async () => {
        const t = newTenant();
        expect(await log.head(t)).toBe(0);
        await Promise.all(
          upTo(20).map(async (n) => {
            const [appended] = await log.append({ streams: [write(t, `s-${n}`, 'no-stream', 1)] });
            expect(await log.head(t)).toBeGreaterThanOrEqual(appended?.sequence ?? Infinity);
          }),
        );
        expect((await log.heads()).get(t)).toBe(20);
      });
    });

    describe('reading', () => {
      it('a tenant goes page by page', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'a', 'no-stream', 7)] });
        expect(sequences(await log.readTenant(t, 0, 3))).toEqual([1, 2, 3]);
        expect(sequences(await log.readTenant(t, 3, 3))).toEqual([4, 5, 6]);
        expect(sequences(await log.readTenant(t, 6, 3))).toEqual([7]);
        expect(await log.readTenant(t, 7, 3)).toEqual([]);
        expect(await log.readTenant(newTenant(), 0, 3)).toEqual([]);
      });

      it('a stream gives the revisions asked for', async () => {
        const t = newTenant();
        await log.append({ streams: [write(t, 'other', 'no-stream', 2), write(t, 'a', 'no-stream', 7)] });
        const read = async (range?: Parameters<EventLog['readStream']>[2]) =>
          (await log.readStream(t, 'a', range)).map(({ revision }) => revision);
        expect(await read()).toEqual([0, 1, 2, 3, 4, 5, 6]);
        expect(await read({ from: 5 })).toEqual([5, 6]);
        expect(await read({ from: 2, to: 3 })).toEqual([2, 3]);
        expect(await read({ from: 1, to: 6, limit: 2 })).toEqual([1, 2]);
        expect(await log.readStream(t, 'unknown')).toEqual([]);
      });
    });

    it('two tenants with streams of one name have nothing in common', async () => {
      const [a, b] = [newTenant(), newTenant()];
      await log.append({ streams: [write(a, 's', 'no-stream', 1), write(b, 's', 'no-stream', 2)] });
      await log.append({ streams: [write(b, 's', 1, 1)] });
      expect([await log.head(a), await log.head(b)]).toEqual([1, 3]);
      expect(places(await log.readTenant(a, 0, 10))).toEqual([[1, 's', 0]]);
      expect(await log.readStream(b, 's')).toHaveLength(3);
      await log.append({ streams: [write(a, 'only-a', 'no-stream', 1)] });
      expect(await log.readStream(b, 'only-a')).toEqual([]);
      expect(await log.positions(b, ['only-a'])).toEqual(new Map());
    });

    it('a subscriber is woken by appends until it closes', async () => {
      const t = newTenant();
      const woken: (string | undefined)[] = [];
      let heard = () => {};
      const subscription = await log.subscribe((tenantId) => {
        woken.push(tenantId);
        heard();
      });
      const hint = new Promise<void>((resolve) => (heard = resolve));
      await log.append({ streams: [write(t, 's', 'no-stream', 1)] });
      await hint;
      expect(woken).toContain(t);
      await subscription.close();
      const before = woken.length;
      await log.append({ streams: [write(t, 's', 'any', 1)] });
      await new Promise((resolve) => setImmediate(resolve));
      expect(woken).toHaveLength(before);
    });

    edgeIndexContract(() => made);
  });

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
const sequences = (events: readonly StoredEvent[]) => events.map(({ sequence }) => sequence);
const places = (events: readonly StoredEvent[]) => events.map((e) => [e.sequence, e.streamName, e.revision]);
