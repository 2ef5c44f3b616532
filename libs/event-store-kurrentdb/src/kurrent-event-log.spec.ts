import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { AppendTooLarge, ConcurrencyConflict, EventLogUnavailable } from '#event-sourcing';
import { eventOf, InMemoryKurrentServer, write } from '#testing';
import { besideTheLog, closeAll, processOn, TIMING, until } from './kurrent-process.fixture.js';

afterEach(closeAll);

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
    const log = processOn(server, beside, { maxAppendBytes: 1024 ** 2 });
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

  it('takes a group of 100,000 members turned into 100,000 others, all of it or nothing', async () => {
    const log = processOn(new InMemoryKurrentServer());
    const ids = Array.from({ length: 500 }, (_, i) => `01a20027-e35a-7287-86d3-${String(i).padStart(12, '0')}`);
    const source = 'g';
    const out = { ...eventOf(), data: { members: ids }, edges: { kind: 'removed' as const, source, targetIds: ids } };
    const targets = ids.map((id) => ({ id, kind: 'User' as const }));
    const members = ids.map((value) => ({ value, type: 'User' }));
    const into = { ...eventOf(), data: { members }, edges: { kind: 'added' as const, source, targets } };
    const events = Array.from({ length: 400 }, (_, n) => ({ ...(n < 200 ? out : into), id: randomUUID() }));
    const [appended] = await log.append({
      streams: [{ tenantId: 't', streamName: 'group-t+g', expected: 'no-stream', events }],
    });
    expect(appended).toMatchObject({ revision: 399, sequence: 400 });
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
