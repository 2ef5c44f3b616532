import { afterEach, describe, expect, it } from '@jest/globals';
import { AppendTooLarge, ConcurrencyConflict, EventLogUnavailable, type NewSubjectKey } from '#event-sourcing';
import { eventOf, write } from '#testing';
import { besideTheLog } from './beside-the-log.fixture.js';
import { InMemoryKurrentServer, KurrentEventLog, type KurrentEventLogOptions } from './index.js';

const open: KurrentEventLog[] = [];
afterEach(async () => {
  for (const log of open.splice(0)) await log.close();
});

const TIMING = { reconnectAfterMs: { first: 1, most: 5 }, saveEveryMs: 1, waitMs: 1_000 };

/** A process: its own log on the server. */
const processOn = (server: InMemoryKurrentServer, beside = besideTheLog(), options: KurrentEventLogOptions = {}) => {
  const log = new KurrentEventLog(server, beside, { timing: TIMING, ...options });
  open.push(log);
  return log;
};

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 4_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('What was waited for did not happen.');
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const key = (wrapped: string): NewSubjectKey => ({
  tenantId: 't',
  subjectId: 'u1',
  wrappedKey: Buffer.from(wrapped),
  tenantKeyVersion: 1,
});

describe('the server', () => {
  it('that is too old is told so, and nothing is sent to it', async () => {
    const server = new InMemoryKurrentServer({ version: '25.1.0' });
    const log = processOn(server);
    await expect(log.check()).rejects.toThrow('KurrentDB 25.1.0 is too old: 25.1.1 or later is needed.');
    await expect(log.append({ streams: [write('t', 'a', 'any', 1)] })).rejects.toThrow(EventLogUnavailable);
    expect(server.appends).toBe(0);
  });

  it('that is out of reach fails every call with EventLogUnavailable until it is back', async () => {
    const server = new InMemoryKurrentServer();
    const log = processOn(server, besideTheLog(), { timing: { ...TIMING, waitMs: 5 } });
    server.isDown = true;
    for (const call of [
      log.append({ streams: [write('t', 'a', 'any', 1)] }),
      log.head('t'),
      log.readStream('t', 'a'),
      log.readTenant('t', 0, 1),
      log.positions('t', ['a']),
      log.heads(),
      log.check(),
    ])
      await expect(call).rejects.toThrow(EventLogUnavailable);
    server.isDown = false;
    await log.append({ streams: [write('t', 'a', 'any', 1)] });
    await until(async () => (await log.heads().catch(() => new Map())).get('t') === 1);
  });

  it('that writes and does not answer leaves the outcome unknown, and the log as it is', async () => {
    const server = new InMemoryKurrentServer();
    const log = processOn(server);
    server.afterAppend = () => {
      throw Object.assign(new Error('deadline'), { type: 'deadline-exceeded' });
    };
    await expect(log.append({ streams: [write('t', 'a', 'no-stream', 1)] })).rejects.toThrow(EventLogUnavailable);
    expect(server.appends).toBe(1);
    expect(await log.head('t')).toBe(1);
  });

  it('may have streams of others, which are neither counted nor heard', async () => {
    const server = new InMemoryKurrentServer();
    const log = processOn(server);
    const event = { id: eventOf().id, contentType: 'application/json' as const, type: 'x', data: {}, metadata: {} };
    await server.client.multiStreamAppend([{ streamName: 'order-1', expectedState: 'any', events: [event] }]);
    expect(await log.heads()).toEqual(new Map());
    await log.append({ streams: [write('t', 'a', 'any', 1)] });
    expect(server.streamNames().filter((name) => !name.startsWith('rollcall-'))).toEqual(['order-1']);
  });
});

describe('an append', () => {
  it('of several tenants gives each its own sequence, all or nothing', async () => {
    const log = processOn(new InMemoryKurrentServer());
    await log.append({ streams: [write('a', 's', 'no-stream', 3)] });
    const both = { streams: [write('a', 'x', 'no-stream', 1), write('b', 'x', 'no-stream', 2), write('a', 's', 2, 1)] };
    expect((await log.append(both)).map(({ tenantId, sequence }) => [tenantId, sequence])).toEqual([
      ['a', 4],
      ['b', 2],
      ['a', 5],
    ]);
    await expect(log.append(both)).rejects.toThrow(ConcurrencyConflict);
    expect([await log.head('a'), await log.head('b')]).toEqual([5, 2]);
    const events = await log.readTenant('a', 0, 10);
    expect(events.map(({ streamName, sequence }) => [streamName, sequence])).toEqual([
      ['s', 1],
      ['s', 2],
      ['s', 3],
      ['x', 4],
      ['s', 5],
    ]);
  });

  it('beyond the limit is refused before anything is sent or a key is stored', async () => {
    const server = new InMemoryKurrentServer();
    const beside = besideTheLog();
    const log = processOn(server, beside);
    const large = { ...eventOf(), data: { text: 'x'.repeat(1024 ** 2) } };
    const streams = [{ tenantId: 't', streamName: 'user-t+u1', expected: 'no-stream' as const, events: [large] }];
    await expect(
      log.append({
        streams,
        subjectKeys: [{ tenantId: 't', subjectId: 'u1', wrappedKey: Buffer.from('k'), tenantKeyVersion: 1 }],
      }),
    ).rejects.toThrow(new AppendTooLarge(1024 ** 2));
    expect([server.appends, beside.subjectKeys.stored.size]).toEqual([0, 0]);
  });

  it('beyond a smaller limit of the server names that limit', async () => {
    const log = processOn(new InMemoryKurrentServer({ maxAppendSize: 1_000 }));
    const large = { ...eventOf(), data: { text: 'x'.repeat(2_000) } };
    const append = log.append({ streams: [{ tenantId: 't', streamName: 'a', expected: 'any', events: [large] }] });
    await expect(append).rejects.toThrow(new AppendTooLarge(1_000));
  });

  it('to a name with upper-case letters is refused, as the server would mix it up with another', async () => {
    const log = processOn(new InMemoryKurrentServer());
    await expect(log.append({ streams: [write('t', 'user-A', 'any', 1)] })).rejects.toThrow(RangeError);
  });

  it('that knows what to expect costs one call and no read, guards included', async () => {
    const server = new InMemoryKurrentServer();
    const log = processOn(server);
    await log.append({ streams: [write('t', 'user', 'no-stream', 1)] });
    const [reads, appends] = [server.reads, server.appends];
    await log.append({
      streams: [write('t', 'group', 'no-stream', 2), write('t', 'claim', 'no-stream', 1)],
      guards: [{ tenantId: 't', streamName: 'user' }],
    });
    expect([server.reads - reads, server.appends - appends]).toEqual([0, 1]);
  });

  it.each(['25.1.1', '26.1.0'])(
    'of two processes to one stream at any revision loses nothing, on %s',
    async (version) => {
      const server = new InMemoryKurrentServer({ version });
      const [one, two] = [processOn(server), processOn(server)];
      await Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          (n % 2 === 0 ? one : two).append({ streams: [write('t', 'hot', 'any', 1)] }),
        ),
      );
      const events = await processOn(server).readTenant('t', 0, 100);
      expect(events.map(({ revision, sequence }) => sequence - revision)).toEqual(Array.from({ length: 40 }, () => 1));
    },
  );

  it('gives up with EventLogUnavailable when others are first all the time', async () => {
    const server = new InMemoryKurrentServer();
    const [log, other] = [processOn(server, besideTheLog(), { retryForMs: 30 }), processOn(server)];
    let isOther = false;
    server.beforeAppend = async () => {
      if (isOther) return;
      isOther = true;
      await other.append({ streams: [write('t', 'hot', 'any', 1)] });
      isOther = false;
    };
    await expect(log.append({ streams: [write('t', 'hot', 'any', 1)] })).rejects.toThrow(EventLogUnavailable);
  });
});

describe('a guard', () => {
  it('passes on a server that checks streams although an older one had it written down', async () => {
    const server = new InMemoryKurrentServer({ version: '25.1.1' });
    const guards = [{ tenantId: 't', streamName: 'user' }];
    const old = processOn(server);
    await old.append({ streams: [write('t', 'user', 'no-stream', 1)] });
    await old.append({ streams: [write('t', 'g1', 'no-stream', 1)], guards });
    server.runs = '26.1.0';
    const log = processOn(server);
    await log.append({ streams: [write('t', 'g2', 'no-stream', 1)], guards });
    await log.append({ streams: [{ ...write('t', 'user', 0, 1), closes: true }] });
    await expect(log.append({ streams: [write('t', 'g3', 'no-stream', 1)], guards })).rejects.toThrow(
      ConcurrencyConflict,
    );
  });

  it.each(['25.1.1', '26.1.0'])('is no conflict when the stream only moved, on %s', async (version) => {
    const server = new InMemoryKurrentServer({ version });
    const [log, other] = [processOn(server), processOn(server)];
    await log.append({ streams: [write('t', 'user', 'no-stream', 1)] });
    server.beforeAppend = async () => {
      server.beforeAppend = () => undefined;
      await other.append({ streams: [write('t', 'user', 0, 1)] });
      await other.append({ streams: [write('t', 'g2', 'any', 1)], guards: [{ tenantId: 't', streamName: 'user' }] });
    };
    const append = log.append({
      streams: [write('t', 'g1', 'any', 1)],
      guards: [{ tenantId: 't', streamName: 'user' }],
    });
    await expect(append).resolves.toHaveLength(1);
  });
});

describe('a guard whose stream is closed between the look and the append', () => {
  it.each(['25.1.1', '26.1.0'])('stops the append on %s', async (version) => {
    const server = new InMemoryKurrentServer({ version });
    const [log, other] = [processOn(server), processOn(server)];
    const guards = [{ tenantId: 't', streamName: 'user' }];
    await log.append({ streams: [write('t', 'user', 'no-stream', 1)] });
    await log.append({ streams: [write('t', 'g1', 'no-stream', 1)], guards });
    server.beforeAppend = async () => {
      server.beforeAppend = () => undefined;
      await other.append({ streams: [{ ...write('t', 'user', 0, 1), closes: true }] });
    };
    const append = log.append({ streams: [write('t', 'g2', 'no-stream', 1)], guards });
    await expect(append).rejects.toMatchObject({ conflicts: [{ streamName: 'user', expected: 'open', actual: 1 }] });
    expect(await log.readStream('t', 'g2')).toEqual([]);
  });

  it('does not take the place of what is expected of the same stream', async () => {
    const log = processOn(new InMemoryKurrentServer());
    await log.append({ streams: [write('t', 'user', 'no-stream', 2)] });
    const append = log.append({
      streams: [write('t', 'user', 0, 1)],
      guards: [{ tenantId: 't', streamName: 'user' }],
    });
    await expect(append).rejects.toMatchObject({ conflicts: [{ streamName: 'user', expected: 0, actual: 1 }] });
  });
});

describe('the key of a new subject', () => {
  const create = (log: KurrentEventLog, wrapped: string) =>
    log.append({ streams: [write('t', 'user-t+u1', 'no-stream', 1)], subjectKeys: [key(wrapped)] });

  it('is there before the events are', async () => {
    const server = new InMemoryKurrentServer();
    const beside = besideTheLog();
    let stored = 0;
    server.beforeAppend = () => {
      stored = beside.subjectKeys.stored.size;
    };
    await create(processOn(server, beside), 'k');
    expect(stored).toBe(1);
  });

  it('takes the place of one that a failed attempt left', async () => {
    const server = new InMemoryKurrentServer();
    const beside = besideTheLog();
    const log = processOn(server, beside);
    server.beforeAppend = () => {
      server.beforeAppend = () => undefined;
      throw Object.assign(new Error('gone'), { type: 'unavailable' });
    };
    await expect(create(log, 'first')).rejects.toThrow(EventLogUnavailable);
    await create(log, 'second');
    expect(Buffer.from(beside.subjectKeys.stored.get('u1')?.wrappedKey ?? []).toString()).toBe('second');
  });

  it('never takes the place of one under which events stand', async () => {
    const beside = besideTheLog();
    const log = processOn(new InMemoryKurrentServer(), beside);
    await create(log, 'first');
    await expect(create(log, 'second')).rejects.toThrow(ConcurrencyConflict);
    expect(Buffer.from(beside.subjectKeys.stored.get('u1')?.wrappedKey ?? []).toString()).toBe('first');
  });
});

describe('reading', () => {
  it('a stream tells the sequences that the tenant reads, whoever wrote it', async () => {
    const server = new InMemoryKurrentServer();
    const [one, two] = [processOn(server), processOn(server)];
    await Promise.all(
      Array.from({ length: 120 }, (_, n) =>
        (n % 3 === 0 ? one : two).append({ streams: [write('t', `s-${n % 4}`, 'any', 1)] }),
      ),
    );
    const reader = processOn(server);
    const all = await reader.readTenant('t', 0, 1_000);
    for (const name of ['s-0', 's-1', 's-2', 's-3'])
      expect(await reader.readStream('t', name)).toEqual(all.filter(({ streamName }) => streamName === name));
  });

  it.each([0, 1, 31, 32, 33, 64, 100])(
    'a stream finds the sequence of an event whose writer missed %i others',
    async (n) => {
      const server = new InMemoryKurrentServer();
      const [log, other] = [processOn(server), processOn(server)];
      await log.append({ streams: [write('t', 'first', 'no-stream', 1)] });
      if (n > 0) await other.append({ streams: [write('t', 'others', 'no-stream', n)] });
      await log.append({ streams: [write('t', 'late', 'no-stream', 2)] });
      const late = await processOn(server).readStream('t', 'late');
      expect(late.map(({ sequence }) => sequence)).toEqual([n + 2, n + 3]);
    },
  );

  it('the head is one read; a page of a tenant is one more than it has streams', async () => {
    const server = new InMemoryKurrentServer();
    const log = processOn(server);
    await log.append({ streams: [write('t', 'a', 'no-stream', 30), write('t', 'b', 'no-stream', 20)] });
    const cost = async (work: () => Promise<unknown>) => {
      const before = server.reads;
      await work();
      return server.reads - before;
    };
    expect(await cost(() => log.head('t'))).toBe(1);
    expect(await cost(() => log.readTenant('t', 0, 50))).toBe(3);
  });
});

describe('the subscription', () => {
  it('goes on after a drop, and tells of what was written meanwhile', async () => {
    const server = new InMemoryKurrentServer();
    const [log, other] = [processOn(server), processOn(server)];
    const woken: (string | undefined)[] = [];
    await log.subscribe((tenantId) => woken.push(tenantId));
    await other.append({ streams: [write('t', 'a', 'any', 1)] });
    await until(async () => (await log.heads()).get('t') === 1);
    server.isDown = true;
    server.dropSubscriptions();
    server.isDown = false;
    await other.append({ streams: [write('u', 'a', 'any', 2)] });
    await until(async () => (await log.heads()).get('u') === 2);
    expect(server.subscribedFrom.at(-1)).toBeDefined(); // not from the beginning
    await until(() => woken.includes(undefined));
  });

  it('of the next process begins where the last one has saved, and knows every head all the same', async () => {
    const server = new InMemoryKurrentServer();
    const beside = besideTheLog();
    const first = processOn(server, beside);
    await first.append({ streams: [write('t', 'a', 'any', 3)] });
    await first.append({ streams: [write('u', 'a', 'any', 1)] });
    await until(async () => (await first.heads()).size === 2 && beside.checkpoints.heads.size === 2);
    const next = processOn(server, beside);
    expect(await next.heads()).toEqual(
      new Map([
        ['t', 3],
        ['u', 1],
      ]),
    );
    expect(server.subscribedFrom).toEqual([undefined, expect.any(BigInt)]);
  });
});
