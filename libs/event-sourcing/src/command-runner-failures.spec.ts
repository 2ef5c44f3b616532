import { beforeEach, describe, expect, it } from '@jest/globals';
import { clubCommands, codes, InMemorySealer, processOn, WatchedEventLog, withUsers } from '#testing';
import { TooContended } from './command-runner.js';
import { AppendTooLarge, EventLogUnavailable } from './event-log.js';

const { found, rename, join, dissolve } = clubCommands;
let log: WatchedEventLog;
let sealer: InMemorySealer;
let here: ReturnType<typeof processOn>;

beforeEach(async () => {
  log = new WatchedEventLog();
  sealer = new InMemorySealer();
  here = processOn(log, sealer);
  await withUsers(
    log,
    Array.from({ length: 10 }, (_, i) => `m${i}`),
  );
});

describe('contention', () => {
  /** A process that finds each time that another one was first. */
  const unlucky = (options: Parameters<typeof processOn>[2]) => {
    const others = processOn(log, sealer);
    let n = 0;
    let busy = false;
    log.beforeAppend = async () => {
      if (busy) return;
      busy = true;
      await others.run('c1', rename(`Name ${(n += 1)}`));
      busy = false;
    };
    return processOn(log, sealer, options);
  };

  it('ends with TooContended when the time is up, measured from when the command came', async () => {
    await here.run('c1', found());
    let clock = 0;
    const slept: number[] = [];
    const process = unlucky({
      retryForMs: 5_000,
      monotonicMs: () => clock,
      delay: async (ms) => {
        slept.push(ms);
        clock += 1_000;
      },
    });
    await expect(process.run('c1', join('m1'))).rejects.toThrow(TooContended);
    expect(clock).toBe(5_000);
    expect(slept.every((ms, i) => i === 0 || ms >= (slept[i - 1] ?? 0))).toBe(true);
    log.beforeAppend = () => {};
    expect((await process.run('c1', join('m1'))).events).toHaveLength(1);
  });

  it('who has waited in the queue meanwhile does not wait that long again', async () => {
    await here.run('c1', found());
    let clock = 0;
    const process = unlucky({
      retryForMs: 5_000,
      maxBatch: 1,
      monotonicMs: () => clock,
      delay: async () => {
        clock += 1_000;
      },
    });
    const all = await Promise.allSettled(['m1', 'm2', 'm3'].map((id) => process.run('c1', join(id))));
    expect(codes(all)).toEqual(['too-contended', 'too-contended', 'too-contended']);
    expect(clock).toBeLessThan(7_000);
  });
});

describe('failures', () => {
  it('an append of unknown outcome that went through is seen by the next command', async () => {
    await here.run('c1', found());
    log.afterAppend = () => {
      log.afterAppend = () => {};
      throw new EventLogUnavailable('The connection broke.');
    };
    await expect(here.run('c1', rename('Go'))).rejects.toThrow(EventLogUnavailable);
    const { reads } = log;
    expect(await here.run('c1', rename('Go'))).toMatchObject({ revision: 1, events: [] });
    expect(log.reads).toBeGreaterThan(reads); // the state at hand was not trusted
  });

  it('an append that failed fails its own batch only; the queue goes on', async () => {
    here = processOn(log, sealer, { maxBatch: 1 });
    await here.run('c1', found());
    log.beforeAppend = () => {
      log.beforeAppend = () => {};
      throw new EventLogUnavailable('The database is away.');
    };
    const all = await Promise.allSettled(['m1', 'm2', 'm3'].map((id) => here.run('c1', join(id))));
    expect(codes(all)).toEqual(['event-log-unavailable', 'done', 'done']);
  });

  it.each(['readStream', 'positions'] as const)(
    'no command is left without an answer when %s throws',
    async (method) => {
      await here.run('c1', found());
      const real = log[method].bind(log);
      Object.assign(log, { [method]: () => Promise.reject(new EventLogUnavailable('The database is away.')) });
      const fresh = processOn(log, sealer);
      const commands = [rename('Chess'), rename('Chess'), found()];
      const all = await Promise.allSettled(commands.map((command) => fresh.run('c1', command)));
      expect(codes(all)).toEqual(Array(3).fill('event-log-unavailable'));
      Object.assign(log, { [method]: real });
      expect((await fresh.run('c1', rename('Chess'))).revision).toBe(0);
    },
  );

  it('no command is left without an answer when the facts cannot be read', async () => {
    await here.run('c1', found());
    const among = log.edges.among.bind(log.edges);
    log.edges.among = () => Promise.reject(new EventLogUnavailable('The database is away.'));
    const all = await Promise.allSettled(['m1', 'm2', 'm3'].map((id) => here.run('c1', join(id))));
    expect(codes(all)).toEqual(Array(3).fill('event-log-unavailable'));
    log.edges.among = among;
    expect((await here.run('c1', join('m1'))).revision).toBe(1);
  });

  it('a batch too large for the log is appended one by one, and refused is only what is too large alone', async () => {
    await here.run('c1', found());
    log.beforeAppend = ({ streams }) => {
      const members = streams.flatMap(({ events }) =>
        events.flatMap(({ data }) => (data['ids'] as string[] | undefined) ?? []),
      );
      if (members.length > 2) throw new AppendTooLarge(2);
    };
    const commands = [join('m0'), join('m1', 'm2'), join('m3', 'm4', 'm5'), join('m6')];
    expect(codes(await Promise.allSettled(commands.map((c) => here.run('c1', c))))).toEqual([
      'done',
      'done',
      'append-too-large',
      'done',
    ]);
  });

  it('an erased subject refuses the commands that would write of it, not those beside them', async () => {
    await here.run('c1', found());
    sealer.erase('acme', 'c1');
    const commands = [join('m0'), join('m1'), rename('Go'), dissolve];
    expect(codes(await Promise.allSettled(commands.map((c) => here.run('c1', c))))).toEqual([
      'done',
      'done',
      'subject-erased',
      'done',
    ]);
  });
});
