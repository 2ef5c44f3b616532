import { expect, it } from '@jest/globals';
import fc, { type Scheduler } from 'fast-check';
import { InMemorySealer, processOn, someMetadata, withUsers, type ClubCommand } from '#testing';
import { InMemoryEventLog } from './in-memory-event-log.js';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
import { streamName } from './stream-name.js';

/** Every call of the log takes effect at a moment that fast-check chooses, and its answer arrives at another. */
const interleaved = (scheduler: Scheduler): InMemoryEventLog => {
  const log = new InMemoryEventLog();
  const atAnyMoment =
    <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      await scheduler.schedule(Promise.resolve());
      const outcome = await call(...args).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      );
      await scheduler.schedule(Promise.resolve());
      if ('error' in outcome) throw outcome.error;
      return outcome.value;
    };
  log.append = atAnyMoment(log.append.bind(log));
  log.readStream = atAnyMoment(log.readStream.bind(log));
  log.positions = atAnyMoment(log.positions.bind(log));
  log.edges.among = atAnyMoment(log.edges.among.bind(log.edges));
  return log;
};

const union = (a: ReadonlySet<string>, b: ReadonlySet<string>) => new Set([...a, ...b]);
const difference = (a: ReadonlySet<string>, b: ReadonlySet<string>) => new Set([...a].filter((id) => !b.has(id)));

const members = ['a', 'b', 'c', 'd'];
const ids = fc.subarray(members, { minLength: 1 });
const command = fc.oneof(
  ids.map((some): ClubCommand => ({ type: 'Join', data: { ids: some } })),
  ids.map((some): ClubCommand => ({ type: 'Leave', data: { ids: some } })),
);
const requests = fc.array(fc.record({ command, process: fc.nat(1) }), { minLength: 2, maxLength: 12 });

it('whatever the interleaving of two processes, every answer is that of set algebra at the revision it names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), requests, fc.integer({ min: 1, max: 4 }), async (scheduler, wanted, maxBatch) => {
      const log = interleaved(scheduler);
      const sealer = new InMemorySealer();
      // Both take up what the other has left as a snapshot, and forget states at once: a stale one must never decide.
      const policy = { snapshots: new InMemorySnapshotStore(), everyEvents: 2 };
      const options = { maxBatch, cachedStates: 0 };
      const processes = [processOn(log, sealer, options, policy), processOn(log, sealer, { maxBatch }, policy)];
      const on = (process: number, change: ClubCommand) =>
        (processes[process] ?? processOn(log, sealer)).run('club', change);
      await scheduler.waitFor(
        (async () => {
          await withUsers(log, members);
          await on(0, { type: 'Found', data: { name: 'Club' } });
        })(),
      );

      const results = await scheduler.waitFor(
        Promise.all(
          wanted.map(async ({ command: change, process }) => ({ change, process, ...(await on(process, change)) })),
        ),
      );

      // The members at each revision, by the log.
      const history: ReadonlySet<string>[] = [];
      for (const { type, data } of await scheduler.waitFor(
        log.readStream('acme', streamName('group', 'acme', 'club')),
      )) {
        const before = history.at(-1) ?? new Set<string>();
        const named = new Set(data['ids'] as string[] | undefined);
        if (type === 'MembersJoined') expect([...named].filter((id) => before.has(id))).toEqual([]);
        if (type === 'MembersLeft') expect([...named].filter((id) => !before.has(id))).toEqual([]);
        history.push(type === 'MembersLeft' ? difference(before, named) : union(before, named));
      }

      for (const { change, revision, events } of results) {
        const after = history[revision] ?? new Set<string>();
        const before = history[revision - events.length] ?? new Set<string>();
        const named = new Set('ids' in change.data ? change.data.ids : []);
        expect([...after].sort()).toEqual(
          [...(change.type === 'Join' ? union(before, named) : difference(before, named))].sort(),
        );
      }
      expect(results.reduce((sum, { events }) => sum + events.length, 1)).toBe(history.length);
      for (const process of [0, 1]) {
        const seen = results.filter((result) => result.process === process).map(({ revision }) => revision);
        expect(seen).toEqual(seen.toSorted((x, y) => x - y));
      }
      const { targets } = await log.edges.targets('acme', 'club', { limit: 10 });
      expect(new Set(targets.map(({ id }) => id))).toEqual(history.at(-1));
    }),
    { numRuns: 150 },
  );
});

it('whatever the interleaving, a name is held by one club at a time and by the one whose state says so', async () => {
  const names = fc.constantFrom('a', 'b', 'c');
  const clubCommand = fc.oneof(
    { weight: 2, arbitrary: names.map((name): ClubCommand => ({ type: 'Found', data: { name } })) },
    { weight: 4, arbitrary: names.map((name): ClubCommand => ({ type: 'Rename', data: { name } })) },
    { weight: 1, arbitrary: fc.constant<ClubCommand>({ type: 'Dissolve', data: {} }) },
  );
  const wantedClubs = fc.array(
    fc.record({ command: clubCommand, process: fc.nat(1), club: fc.constantFrom('c1', 'c2', 'c3') }),
    { minLength: 2, maxLength: 14 },
  );
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), wantedClubs, async (scheduler, wanted) => {
      const log = interleaved(scheduler);
      const sealer = new InMemorySealer();
      const processes = [processOn(log, sealer), processOn(log, sealer)];
      await scheduler.waitFor(
        Promise.allSettled(
          wanted.map(async ({ command: change, process, club }) => processes[process]?.run(club, change)),
        ),
      );

      const holders = new Map<string, string>();
      const named = new Map<string, string>();
      for (const { event, resourceId, metadata, streamName: name } of await processOn(log, sealer).store.readTenant(
        'acme',
        0,
        1000,
      )) {
        const data = event.data as { name?: string; resourceId?: string };
        expect(metadata).toEqual(someMetadata());
        if (event.type === 'ClaimTaken') {
          expect(holders.get(name)).toBeUndefined();
          holders.set(name, data.resourceId ?? '');
        }
        if (event.type === 'ClaimReleased') {
          expect(holders.get(name)).toBe(data.resourceId);
          holders.delete(name);
        }
        if (data.name !== undefined) named.set(resourceId, data.name);
        if (event.type === 'ClubDissolved') named.delete(resourceId);
      }
      const expected = [...named].map(([club, name]) => [
        `name-${Buffer.from(JSON.stringify(['acme', 'name', name])).toString('hex')}`,
        club,
      ]);
      expect([...holders].map(([stream, club]) => [stream.split('+')[1], club]).sort()).toEqual(expected.sort());
    }),
    { numRuns: 150 },
  );
});
