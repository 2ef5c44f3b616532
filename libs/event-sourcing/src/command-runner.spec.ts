import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  clubCommands,
  clubStream,
  codes,
  InMemorySealer,
  processOn,
  someMetadata,
  WatchedEventLog,
  withUsers,
} from '#testing';
import { TooContended } from './command-runner.js';
import { streamName } from './stream-name.js';

let log: WatchedEventLog;
let sealer: InMemorySealer;
let here: ReturnType<typeof processOn>;
let there: ReturnType<typeof processOn>;

const { found, rename, join, leave, dissolve } = clubCommands;

const eventTypes = async (club = 'c1') =>
  (await log.readStream('acme', streamName('group', 'acme', club))).map(({ type }) => type);

const count = (values: readonly string[]) =>
  Object.fromEntries([...new Set(values)].map((value) => [value, values.filter((other) => other === value).length]));

/** Like If-Match of RFC 7644 §3.14. */
const ifMatch = (wanted: number) => ({
  precondition: (revision: number) => {
    if (revision !== wanted) throw Object.assign(new Error('Precondition failed.'), { code: 'precondition-failed' });
  },
});

beforeEach(async () => {
  log = new WatchedEventLog();
  sealer = new InMemorySealer();
  [here, there] = [processOn(log, sealer), processOn(log, sealer)];
  await withUsers(
    log,
    Array.from({ length: 50 }, (_, i) => `m${i}`),
  );
  log.appends.length = 0;
});

describe('one process', () => {
  it('returns the state, where it stands and what the command changed', async () => {
    expect(await here.run('c1', found())).toEqual({
      state: { status: 'present', name: 'Chess' },
      revision: 0,
      createdAt: new Date('2026-01-01T00:00:00Z'),
      changedAt: new Date('2026-01-01T00:00:00Z'),
      events: [{ type: 'ClubFounded', data: { name: 'Chess' } }],
    });
  });

  it('decides commands on one stream in turn and appends them as one batch', async () => {
    await here.run('c1', found());
    log.appends.length = 0;
    await Promise.all(Array.from({ length: 50 }, (_, i) => here.run('c1', join(`m${i}`))));
    expect(log.appends.map(({ streams }) => streams[0]?.events.length)).toEqual([50]);
    expect((await log.edges.targets('acme', 'c1', { limit: 100 })).targets).toHaveLength(50);
  });

  it('reads nothing before it makes a resource whose id is new', async () => {
    log.reads = 0;
    expect(await here.run('c9', found(), { isNew: true })).toMatchObject({ revision: 0 });
    expect(log.reads).toBe(0);
  });

  it('does not trust the word that an id is new', async () => {
    await there.run('c9', found());
    await expect(here.run('c9', found('Go'), { isNew: true })).rejects.toMatchObject({ code: 'club-exists' });
    expect(await eventTypes('c9')).toEqual(['ClubFounded']);
  });

  it('bounds a batch', async () => {
    here = processOn(log, sealer, { maxBatch: 10 });
    await Promise.all([found(), ...Array.from({ length: 25 }, (_, i) => join(`m${i}`))].map((c) => here.run('c1', c)));
    expect(log.appends.map(({ streams }) => streams[0]?.events.length)).toEqual([1, 10, 10, 5]);
  });

  it('gives every command of a batch its own result: revision, events, refusal', async () => {
    await here.run('c1', found());
    const results = await Promise.allSettled([
      here.run('c1', join('m1')),
      here.run('c1', join('m1', 'm2')),
      here.run('c1', found()),
      here.run('c1', join('m2')),
      here.run('c1', leave('m1')),
    ]);
    expect(codes(results)).toEqual(['done', 'done', 'club-exists', 'done', 'done']);
    expect(
      results.flatMap((r) => (r.status === 'fulfilled' ? [[r.value.revision, r.value.events.length]] : [])),
    ).toEqual([
      [1, 1],
      [2, 1],
      [2, 0],
      [3, 1],
    ]);
    expect(await eventTypes()).toEqual(['ClubFounded', 'MembersJoined', 'MembersJoined', 'MembersLeft']);
  });

  it('keeps the metadata of each request of a batch', async () => {
    await here.run('c1', found());
    const requests = ['a', 'b', 'c'];
    await Promise.all(requests.map((r, i) => here.run('c1', join(`m${i}`), { metadata: someMetadata(r) })));
    const stored = await log.readStream('acme', streamName('group', 'acme', 'c1'), { from: 1 });
    expect(stored.map(({ metadata }) => metadata.requestId)).toEqual(requests);
  });

  it('does not read the stream again for the next command', async () => {
    await here.run('c1', found());
    const { reads } = log;
    await here.run('c1', join('m1'));
    expect(log.reads).toBe(reads);
  });

  it('has nothing of a resource or of a tenant at hand once it was told to forget', async () => {
    const readsOf = async (club: string, more = {}) => {
      const { reads } = log;
      await here.run(club, rename(`${club} ${reads}`), more);
      return log.reads - reads;
    };
    await here.run('c1', found());
    await here.run('c2', found('Go'));
    await here.run('c1', found(), { tenantId: 'globex' });
    here.runner.forget('acme', 'c1');
    expect(await readsOf('c1')).toBeGreaterThan(0);
    expect(await readsOf('c2')).toBe(0);
    here.runner.forget('acme');
    expect(await readsOf('c2')).toBeGreaterThan(0);
    expect(await readsOf('c1', { tenantId: 'globex' })).toBe(0);
  });

  it('commands on other streams do not wait', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    log.beforeAppend = ({ streams }) => (streams[0]?.streamName.endsWith('slow') === true ? held : undefined);
    const slow = here.run('slow', found('Slow'));
    await here.run('c1', found());
    release();
    expect((await slow).revision).toBe(0);
  });

  it('serves two tenants with one resource id apart', async () => {
    await Promise.all([here.run('c1', found('A')), here.run('c1', found('A'), { tenantId: 'globex' })]);
    expect((await here.run('c1', rename('B'), { tenantId: 'globex' })).revision).toBe(1);
    expect((await here.run('c1', rename('A'))).revision).toBe(0);
  });
});

describe('the end of a resource', () => {
  it('closes its stream, so that guards of others fail from then on', async () => {
    await here.run('c1', found());
    const name = streamName('group', 'acme', 'c1');
    expect((await log.positions('acme', [name])).get(name)?.open).toBe(true);
    await here.run('c1', dissolve);
    expect((await log.positions('acme', [name])).get(name)?.open).toBe(false);
  });
});

describe('two processes', () => {
  beforeEach(async () => {
    await here.run('c1', found());
    await there.run('c1', join('m1')); // both have a state at hand now, and that of `here` is stale
  });

  it('a conflict is decided again on what the log says', async () => {
    const result = await here.run('c1', join('m1', 'm2'));
    expect(result).toMatchObject({ revision: 2, events: [{ data: { ids: ['m2'] } }] });
  });

  it('a stale state is no contention: it is decided again without a pause', async () => {
    let pauses = 0;
    here = processOn(log, sealer, {
      delay: async () => {
        pauses += 1;
      },
    });
    await here.run('c1', join('m2'));
    await there.run('c1', join('m3'));
    await here.run('c1', join('m4'));
    expect(pauses).toBe(0);
  });

  it('a stale state never makes a change into none', async () => {
    await there.run('c1', rename('Go'));
    expect(await here.run('c1', rename('Chess'))).toMatchObject({ revision: 3, events: [{ type: 'ClubRenamed' }] });
  });

  it('a change that proves to be none answers with the revision of the log', async () => {
    expect(await here.run('c1', rename('Chess'))).toMatchObject({ revision: 1, events: [] });
  });

  it('a stale state never makes a refusal', async () => {
    await there.run('c2', dissolve).catch(() => undefined);
    await here.run('c2', found('Go'));
    expect((await there.run('c2', join('m1'))).revision).toBe(1);
  });

  it('a refusal that proves wrong is decided again: a precondition may hold only on what the log says', async () => {
    expect((await here.run('c1', join('m2'), ifMatch(1))).revision).toBe(2);
  });

  it('a state folded before and facts read after another change do not make an answer together', async () => {
    const late = processOn(log, sealer);
    const among = log.edges.among.bind(log.edges);
    let once = true;
    log.edges.among = async (...args) => {
      if (once) {
        once = false;
        await there.run('c1', join('m9'));
      }
      return among(...args);
    };
    expect(await late.run('c1', join('m9'))).toMatchObject({ revision: 2, events: [] });
  });

  it('of 20 racing commands with one precondition, one succeeds and 19 are refused', async () => {
    const racing = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? here : there).run('c1', join(`m${i + 10}`), ifMatch(1)),
    );
    expect(count(codes(await Promise.allSettled(racing)))).toEqual({ done: 1, 'precondition-failed': 19 });
    expect(await eventTypes()).toHaveLength(3);
  });

  it('50 racing commands without one all succeed', async () => {
    const racing = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? here : there).run('c1', join(`m${i}`)));
    expect(count(codes(await Promise.allSettled(racing)))).toEqual({ done: 50 });
    expect((await log.edges.targets('acme', 'c1', { limit: 100 })).targets).toHaveLength(50);
  });

  it('read() returns what the log says, whatever is at hand', async () => {
    expect(await here.runner.read(clubStream(log), 'acme', 'c1')).toMatchObject({ revision: 1 });
    expect(await here.runner.read(clubStream(log), 'acme', 'none')).toMatchObject({
      revision: -1,
      createdAt: undefined,
    });
  });
});

describe('guards', () => {
  it('who vanishes between decision and append is noticed, and the command is decided again', async () => {
    await here.run('c1', found());
    const gone = streamName('user', 'acme', 'm7');
    const user = {
      id: 'y',
      type: 'UserDeleted',
      schemaVersion: 1,
      data: {},
      metadata: someMetadata(),
      time: new Date(0),
    };
    let decided = 0;
    log.beforeAppend = async ({ guards = [] }) => {
      if (!guards.some((guard) => guard.streamName === gone)) return;
      decided += 1;
      if (decided > 1) return;
      await log.append({
        streams: [{ tenantId: 'acme', streamName: gone, expected: 0, events: [user], closes: true }],
      });
    };
    let clock = 0;
    const patient = processOn(log, sealer, { monotonicMs: () => (clock += 1_000) });
    // The toy decider goes on believing in m7, so it is the time that ends it.
    await expect(patient.run('c1', join('m7'))).rejects.toThrow(TooContended);
    expect(decided).toBeGreaterThan(1);
    expect(await eventTypes()).toEqual(['ClubFounded']);
  });
});
