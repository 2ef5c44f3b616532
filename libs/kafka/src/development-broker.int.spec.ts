import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { KafkajsAdapter } from './kafkajs-adapter.js';

jest.setTimeout(120_000);

const script = join(import.meta.dirname, '..', '..', '..', 'deploy', 'kafka', 'development-broker.mjs');
const topic = { name: 'kept', partitions: 1, config: {} };

let data: string;
let starters: ChildProcess[];

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'development-broker-'));
  starters = [];
});

afterEach(async () => {
  for (const starter of starters) if (starter.exitCode === null) starter.kill('SIGTERM');
  await Promise.all(starters.map(ended));
  await rm(data, { recursive: true, force: true, maxRetries: 10 });
});

const launch = (): ChildProcess => {
  const starter = spawn(process.execPath, [script, '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  starters.push(starter);
  return starter;
};

/** The starter's first line is the broker's address. */
const start = async (): Promise<{ starter: ChildProcess; kafka: KafkajsAdapter }> => {
  const starter = launch();
  if (starter.stdout === null) throw new Error('No output to read from.');
  const lines = createInterface(starter.stdout);
  const [address] = (await once(lines, 'line')) as [string];
  return { starter, kafka: new KafkajsAdapter({ brokers: [address], clientId: 'spec' }) };
};

const ended = async (starter: ChildProcess): Promise<void> => {
  if (starter.exitCode === null && starter.signalCode === null) await once(starter, 'exit');
};

const brokerPid = async (): Promise<number> => {
  const { broker } = JSON.parse(await readFile(join(data, 'kafka.pid'), 'utf8')) as { broker: number };
  return broker;
};

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (holds: () => boolean): Promise<void> => {
  const deadline = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('It did not come to hold in time.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

describe('the development broker', () => {
  it('answers as soon as it says so, stops when told, and has its data at the next start', async () => {
    const first = await start();
    expect((await first.kafka.verifyTopics([topic])).created).toEqual(['kept']);
    await first.kafka.close();
    const pid = await brokerPid();
    first.starter.kill('SIGTERM');
    await ended(first.starter);
    expect(lives(pid)).toBe(false);

    const second = await start();
    expect((await second.kafka.verifyTopics([topic])).created).toEqual([]);
    await second.kafka.close();
  });

  it('goes when its starter is killed, and starts again on the same data', async () => {
    const { starter } = await start();
    const pid = await brokerPid();
    starter.kill('SIGKILL');
    await until(() => !lives(pid));
    const again = await start();
    expect(await again.kafka.reachable()).toBe(true);
    await again.kafka.close();
  });

  it('does not take data that another living process uses', async () => {
    await start();
    const second = launch();
    let said = '';
    second.stderr?.on('data', (chunk) => (said += String(chunk)));
    await ended(second);
    expect(second.exitCode).toBe(1);
    expect(said).toContain('is still alive');
  });
});
