import { EventEmitter, once } from 'node:events';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from './observability/logger.js';
import { Shutdown } from './shutdown.js';

let closed: string[];
let shutdown: Shutdown;
let now: number;
const closing = (name: string) => () => void closed.push(name);

beforeEach(() => {
  closed = [];
  now = 0;
  shutdown = new Shutdown(createLogger('silent', 'test'), 30_000, () => now);
});

describe('closing', () => {
  it('goes backwards, each step after the one before it is done', async () => {
    shutdown.add('database', closing('database'));
    shutdown.add('log', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      closed.push('log');
    });
    shutdown.add('http', closing('http'));
    await shutdown.close();
    expect(closed).toEqual(['http', 'log', 'database']);
  });

  it('goes on when a step fails', async () => {
    shutdown.add('database', closing('database'));
    shutdown.add('rejects', () => Promise.reject(new Error('no')));
    shutdown.add('throws', () => {
      throw new Error('no');
    });
    await shutdown.close();
    expect(closed).toEqual(['database']);
  });

  it('happens once, however often it is asked for', async () => {
    shutdown.add('database', closing('database'));
    await Promise.all([shutdown.close(), shutdown.close()]);
    await shutdown.close();
    expect(closed).toEqual(['database']);
  });
});

describe('a signal', () => {
  /** `exit` as an event. */
  const listen = () => {
    const signals = new EventEmitter();
    const exits = new EventEmitter();
    shutdown.listen((code) => exits.emit('exit', code), signals);
    return { signals, exited: once(exits, 'exit') as Promise<[number]> };
  };

  it.each(['SIGTERM', 'SIGINT'])('%s closes everything and ends the process well', async (signal) => {
    const { signals, exited } = listen();
    shutdown.add('database', closing('database'));
    signals.emit(signal);
    expect(await exited).toEqual([0]);
    expect(closed).toEqual(['database']);
  });

  it('a second one ends it at once', async () => {
    const { signals, exited } = listen();
    shutdown.add('stuck', () => new Promise(() => {}));
    signals.emit('SIGINT');
    now += 2_000;
    signals.emit('SIGINT');
    expect(await exited).toEqual([1]);
  });

  it('one Ctrl-C that comes from the terminal and from each parent is one signal', async () => {
    const { signals, exited } = listen();
    shutdown.add('database', closing('database'));
    for (let i = 0; i < 3; i += 1) signals.emit('SIGINT');
    expect(await exited).toEqual([0]);
    expect(closed).toEqual(['database']);
  });

  it('one step that hangs does not keep the process', async () => {
    shutdown = new Shutdown(createLogger('silent', 'test'), 1);
    const { signals, exited } = listen();
    shutdown.add('stuck', () => new Promise(() => {}));
    signals.emit('SIGTERM');
    const alive = setInterval(() => {}, 1000); // the limit's own timer does not keep a process alive
    expect(await exited).toEqual([1]);
    clearInterval(alive);
  });
});
