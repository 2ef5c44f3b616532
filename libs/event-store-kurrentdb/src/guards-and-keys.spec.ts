import { afterEach, describe, expect, it } from '@jest/globals';
import { ConcurrencyConflict, EventLogUnavailable, type NewSubjectKey } from '#event-sourcing';
import { InMemoryKurrentServer, write } from '#testing';
import type { KurrentEventLog } from './index.js';
import { besideTheLog, closeAll, processOn } from './kurrent-process.fixture.js';

afterEach(closeAll);

const key = (wrapped: string): NewSubjectKey => ({
  tenantId: 't',
  subjectId: 'u1',
  wrappedKey: Buffer.from(wrapped),
  tenantKeyVersion: 1,
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
