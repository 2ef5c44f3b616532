import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  clubCommands,
  clubStream,
  InMemorySealer,
  processOn,
  someMetadata,
  WatchedEventLog,
  withUsers,
  type ClubCommand,
  type ClubEvent,
} from '#testing';
import { InMemorySnapshotStore } from './in-memory-snapshot-store.js';
import type { FoldLimit, StoredSnapshot } from './snapshot-store.js';
import { StreamFolder } from './stream-folder.js';
import { streamName } from './stream-name.js';

const { found, rename, join, leave, dissolve } = clubCommands;
const EVERY = 5;
const NAME = streamName('group', 'acme', 'c1');

let log: WatchedEventLog;
let sealer: InMemorySealer;
let snapshots: InMemorySnapshotStore;
let club: ReturnType<typeof processOn>;
const policy = () => ({ snapshots, everyEvents: EVERY });
const fresh = () => new StreamFolder(club.store, sealer, policy());
const fold = (folder = fresh(), type = clubStream(log), limit: FoldLimit = {}) =>
  folder.fold(type, 'acme', 'c1', limit);
const fromZero = () => fold(new StreamFolder(club.store, sealer));

/** Renames until the stream has so many events. */
const grow = async (events: number) => {
  for (let n = (await log.readStream('acme', NAME)).length; n < events; n += 1) {
    await club.run('c1', rename(`Name ${n}`));
    await club.folder.idle();
  }
};

beforeEach(async () => {
  log = new WatchedEventLog();
  sealer = new InMemorySealer();
  snapshots = new InMemorySnapshotStore();
  club = processOn(log, sealer, {}, policy());
  await club.run('c1', found());
});

describe('a snapshot', () => {
  it('is made every so many events, beside the way of commands', async () => {
    await grow(4);
    expect(snapshots.snapshots).toEqual([]);
    await grow(10);
    expect(snapshots.snapshots.map(({ revision }) => revision)).toEqual([4, 9]);
  });

  it('is made by a cold read where there is none', async () => {
    await grow(13);
    snapshots.snapshots = [];
    const folder = fresh();
    await fold(folder);
    await folder.idle();
    expect(snapshots.snapshots.map(({ revision }) => revision)).toEqual([12]);
  });

  it('holds nothing personal in the clear', async () => {
    await grow(6);
    expect(JSON.stringify(snapshots.snapshots)).not.toContain('Name 4');
  });

  it('is where a cold read of a long stream begins: what is read grows with the events since, not with the stream', async () => {
    await grow(42);
    const events: number[] = [];
    const readStream = log.readStream.bind(log);
    log.readStream = async (...args) => {
      const page = await readStream(...args);
      events.push(page.length);
      return page;
    };
    expect(await fold()).toEqual(await fromZero());
    expect(events).toEqual([EVERY, 1, 2, 42]); // the beginning, the snapshot's event, the tail; then from zero
  });

  it('may be looked for earlier than one is made: the beginning of a long stream may be large', async () => {
    await grow(42);
    const { reads } = log;
    const early = new StreamFolder(club.store, sealer, { ...policy(), lookAfterEvents: 2 });
    const asked: (number | undefined)[] = [];
    const readStream = log.readStream.bind(log);
    log.readStream = async (tenantId, name, range) => {
      asked.push(range?.to);
      return readStream(tenantId, name, range);
    };
    expect((await fold(early)).revision).toBe(41);
    expect(log.reads - reads).toBe(3);
    expect(asked[0]).toBe(1);
  });

  it('is not looked for where the stream is short', async () => {
    await grow(4);
    snapshots.newest = () => Promise.reject(new Error('was asked'));
    const { reads } = log;
    await fold();
    expect(log.reads - reads).toBe(1);
  });

  it('is not made of a type without a version', async () => {
    const { stateVersion: _, ...type } = clubStream(log);
    await grow(6);
    snapshots.snapshots = [];
    const folder = fresh();
    await folder.fold(type, 'acme', 'c1');
    folder.grown(type, 'acme', 'c1', { from: 3, to: 9 });
    await folder.idle();
    expect(snapshots.snapshots).toEqual([]);
  });

  it('that cannot be read or kept is not missed', async () => {
    snapshots.newest = () => Promise.reject(new Error('out of reach'));
    snapshots.save = () => Promise.reject(new Error('out of reach'));
    await grow(12);
    expect(await fold()).toEqual(await fromZero());
  });
});

describe('never trusted', () => {
  beforeEach(() => grow(12));

  /** Spoils every snapshot there is. */
  const spoil = (change: (snapshot: StoredSnapshot) => Partial<StoredSnapshot>) => {
    snapshots.snapshots = snapshots.snapshots.map((one) => ({ ...one, ...change(one) }));
  };
  const sealedAs = async (state: object, { eventId, stateVersion }: StoredSnapshot) =>
    (await sealer.subject('acme', 'c1'))?.seal(`${eventId}/snapshot/${stateVersion}`, { state }) ?? '';

  it('what fits is believed: the cases below have reasons of their own', async () => {
    const [, newest] = snapshots.snapshots;
    if (newest === undefined) throw new Error('no snapshot');
    const sealed = await sealedAs({ status: 'present', name: 'Believed' }, newest);
    spoil((one) => (one === newest ? { sealed } : {}));
    expect((await fold(fresh(), clubStream(log), { revision: newest.revision })).state).toMatchObject({
      name: 'Believed',
    });
  });

  it.each<[string, (snapshot: StoredSnapshot) => Partial<StoredSnapshot>]>([
    ['one that does not open', () => ({ sealed: 'bm90aGluZw' })],
    ['one moved from another event', () => ({ eventId: 'event-1-1' })],
    ['one of a revision that the stream has not reached', () => ({ revision: 500 })],
    ['one of a stream that went another way', () => ({ revision: 11 })],
    ['one of another version', () => ({ stateVersion: 0 })],
    ['one that a newer release made', () => ({ stateVersion: 2 })],
    ['one of another subject', () => ({ subjectId: 'c2' })],
  ])('%s is passed over', async (_, change) => {
    spoil(change);
    expect(await fold()).toEqual(await fromZero());
    expect(await club.run('c1', rename('Last'))).toMatchObject({ revision: 12 });
  });

  it('an old version is not read by a new decider', async () => {
    const type = clubStream(log);
    const shouting = {
      ...type,
      stateVersion: 2,
      decider: {
        ...type.decider,
        evolve: (state: Parameters<typeof type.decider.evolve>[0], event: ClubEvent) => {
          const after = type.decider.evolve(state, event);
          return after.status === 'present' ? { ...after, name: after.name.toUpperCase() } : after;
        },
      },
    };
    await club.run('c1', join()); // changes nothing
    expect((await fold(fresh(), shouting)).state).toMatchObject({ name: 'NAME 11' });
    expect((await fold()).state).toMatchObject({ name: 'Name 11' });
  });

  it('one of an erased subject cannot be read, nor made again', async () => {
    sealer.erase('acme', 'c1');
    const folder = fresh();
    expect(await fold(folder)).toMatchObject({ state: { name: 'a forgotten club' }, erased: true });
    snapshots.erase('acme', 'c1');
    await fold(folder);
    await folder.idle();
    expect(snapshots.snapshots).toEqual([]);
  });

  it('what lacks personal values is not kept, whatever keys there are', async () => {
    snapshots.snapshots = [];
    sealer.open = async (fields) => fields.map(() => undefined);
    const folder = fresh();
    await fold(folder);
    await folder.idle();
    expect(snapshots.snapshots).toEqual([]);
  });

  it('a stale one decides nothing: what came after it is read, and what comes meanwhile is a conflict', async () => {
    const other = processOn(log, sealer, {}, policy());
    await club.run('c1', rename('Same'));
    expect(await other.run('c1', rename('Same'))).toMatchObject({ revision: 12, events: [] });
    let once = true;
    log.beforeAppend = async ({ streams }) => {
      if (!once || streams[0]?.streamName !== NAME) return;
      once = false;
      await club.run('c1', rename('Meanwhile'));
    };
    expect(await other.run('c1', rename('Meanwhile'))).toMatchObject({ revision: 13, events: [] });
  });
});

describe('whatever snapshots there are', () => {
  const ids = fc.subarray(['a', 'b', 'c'], { minLength: 1 });
  const command = fc.oneof(
    { weight: 4, arbitrary: fc.string().map(rename) },
    { weight: 2, arbitrary: ids.map((some) => join(...some)) },
    { weight: 2, arbitrary: ids.map((some) => leave(...some)) },
    { weight: 1, arbitrary: fc.constant<ClubCommand>(dissolve) },
  );
  const steps = fc.array(fc.record({ command, minute: fc.nat(30), lost: fc.boolean() }), { maxLength: 40 });

  it('the state at any revision and at any time is that folded from zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: -1, max: 40 }),
        fc.nat(30),
        async (wanted, everyEvents, revision, minute) => {
          const ownLog = new WatchedEventLog();
          await withUsers(ownLog, ['a', 'b', 'c']);
          const ownSealer = new InMemorySealer();
          const own = { snapshots: new InMemorySnapshotStore(), everyEvents };
          let now = new Date(0);
          const { run, folder, store } = processOn(ownLog, ownSealer, { now: () => now, cachedStates: 0 }, own);
          await run('c1', found());
          for (const one of wanted) {
            now = new Date(one.minute * 60_000); // clocks of several processes need not agree
            await run('c1', one.command).catch(() => undefined);
            await folder.idle();
            if (one.lost) own.snapshots.snapshots = own.snapshots.snapshots.slice(1);
          }
          const plain = new StreamFolder(store, ownSealer);
          const type = clubStream(ownLog);
          for (const limit of [{}, { revision }, { time: new Date(minute * 60_000) }])
            expect(await new StreamFolder(store, ownSealer, own).fold(type, 'acme', 'c1', limit)).toEqual(
              await plain.fold(type, 'acme', 'c1', limit),
            );
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('snapshots of one tenant are none of another', async () => {
  await grow(12);
  await club.run('c1', found('Elsewhere'), { tenantId: 'globex', metadata: someMetadata() });
  for (let n = 1; n < 7; n += 1) await club.run('c1', rename(`Elsewhere ${n}`), { tenantId: 'globex' });
  await club.folder.idle();
  expect((await fresh().fold(clubStream(log), 'globex', 'c1')).state).toMatchObject({ name: 'Elsewhere 6' });
});
