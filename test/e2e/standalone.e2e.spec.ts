import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { send, times, USER } from './clients.js';
import { freePort } from './running-system.js';
import { readTopics } from './topics.js';

jest.setTimeout(240_000);

/** What `npm start` runs after installing and building: everything in one process on embedded stores. */
interface Standalone {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly url: string;
  readonly kafka: string;
}

const root = resolve(import.meta.dirname, '..', '..');
let directory: string;
let running: Standalone[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-standalone-'));
  chmodSync(directory, 0o755); // PostgreSQL started by root runs as another user
  running = [];
});

afterEach(async () => {
  for (const one of running)
    if (one.process.exitCode === null && one.process.signalCode === null) await stop(one, 'SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

const start = async (environment: Readonly<Record<string, string>> = {}): Promise<Standalone> => {
  const [port, kafkaPort] = [await freePort(), await freePort()];
  const settings = {
    PORT: `${port}`,
    KAFKA_PORT: `${kafkaPort}`,
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'warn',
  };
  const child = spawn(process.execPath, ['dist/apps/standalone/src/main.js'], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_NO_WARNINGS: '1', ...settings, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const one = {
    process: child,
    output: () => output,
    url: `http://localhost:${port}`,
    kafka: `127.0.0.1:${kafkaPort}`,
  };
  running.push(one);
  await until(one, 'it is up', () => output.includes('Rollcall is up'));
  return one;
};

const until = async (one: Standalone, what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = Date.now() + 120_000;
  while (!(await holds())) {
    if (one.process.exitCode !== null || Date.now() > deadline)
      throw new Error(`Waited in vain until ${what}:\n${one.output()}`);
    await new Promise((again) => setTimeout(again, 25));
  }
};

const stop = async ({ process: child }: Standalone, signal: NodeJS.Signals): Promise<number | null> => {
  const exited = once(child, 'exit') as Promise<[number | null]>;
  child.kill(signal);
  return (await exited)[0];
};

/** Command lines of living processes that speak of the test's directory. */
const leftBehind = (): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(directory) ? [line] : [];
      } catch {
        return []; // it ended meanwhile
      }
    });

const linesToCopy = (output: string): readonly string[] =>
  output.split('\n').filter((line) => /^ {2}(TOKEN=\$\()?curl /.test(line));

const published = (one: Standalone, id: string) =>
  readTopics({ kafkaBrokers: [one.kafka], topicPrefix: 'rollcall' }, ['changes.v1'], (records) =>
    records.some(({ key }) => key === `acme/User/${id}`),
  );

it('prints what a person needs, and the three lines to copy make a tenant, a token and a user that reach Kafka', async () => {
  const one = await start();
  expect(one.output()).toContain(`Rollcall is up at ${one.url}`);
  const lines = linesToCopy(one.output());
  expect(lines).toHaveLength(3);
  const { stdout } = await promisify(execFile)('sh', ['-c', lines.join('\n')]);
  const user = JSON.parse(stdout.slice(stdout.lastIndexOf('{"schemas"'))) as { id: string; userName: string };
  expect(user.userName).toBe('bjensen@example.com');
  await until(one, 'Kafka is up', () => one.output().includes('Kafka is up'));
  const records = await published(one, user.id);
  expect(records.find(({ key }) => key === `acme/User/${user.id}`)?.headers['ce_type']).toBe('user.created');

  expect(await stop(one, 'SIGINT')).toBe(0);
  expect(leftBehind()).toEqual([]);
});

it('ends cleanly in the middle of writes, and comes up again with everything it had acknowledged', async () => {
  const first = await start({ PATH: pathWithoutBrokers() });
  const adminToken = readFileSync(join(directory, 'data', 'admin-token'), 'utf8').trim();
  const token = await tenantToken(first, adminToken);
  const acknowledged: string[] = [];
  const writing = times(8).map(async (lane) => {
    for (let i = 0; ; i += 1) {
      const body = { schemas: [USER], userName: `writer-${lane}-${i}` };
      const answer = await send(`${first.url}/t/acme/scim/v2/Users`, { method: 'POST', token, body }).catch(
        () => undefined,
      );
      if (answer?.status !== 201) return;
      acknowledged.push(answer.body.id);
    }
  });
  await until(first, 'writes are under way', () => acknowledged.length > 50);
  expect(await stop(first, 'SIGTERM')).toBe(0);
  await Promise.all(writing);
  expect(leftBehind()).toEqual([]);

  const second = await start({ PATH: pathWithoutBrokers() });
  expect(second.output()).not.toContain(adminToken); // shown once
  const { body } = await send(`${second.url}/t/acme/scim/v2/Users?count=0`, { token });
  expect(body.totalResults).toBeGreaterThanOrEqual(acknowledged.length);
  for (const id of acknowledged)
    expect((await send(`${second.url}/t/acme/scim/v2/Users/${id}`, { token })).status).toBe(200);
  await stop(second, 'SIGINT');
});

it('runs without any broker, says that publishing waits, and catches up when one comes', async () => {
  const without = await start({ PATH: pathWithoutBrokers() });
  await until(without, 'it says that publishing waits', () => without.output().includes('publishing waits'));
  const adminToken = readFileSync(join(directory, 'data', 'admin-token'), 'utf8').trim();
  const token = await tenantToken(without, adminToken);
  const body = { schemas: [USER], userName: 'early@example.com' };
  const { body: user } = await send(`${without.url}/t/acme/scim/v2/Users`, { method: 'POST', token, body });
  expect((await send(`${without.url}/health/ready`)).status).toBe(200);
  await stop(without, 'SIGINT');

  const withBroker = await start();
  await until(withBroker, 'Kafka is up', () => withBroker.output().includes('Kafka is up'));
  expect((await published(withBroker, user.id)).map(({ key }) => key)).toContain(`acme/User/${user.id}`);
  await stop(withBroker, 'SIGINT');
});

it('survives a kill of its process: nothing is left running, and the next start has the data', async () => {
  const first = await start({ PATH: pathWithoutBrokers() });
  const token = await tenantToken(first, readFileSync(join(directory, 'data', 'admin-token'), 'utf8').trim());
  const body = { schemas: [USER], userName: 'survivor@example.com' };
  const { body: user } = await send(`${first.url}/t/acme/scim/v2/Users`, { method: 'POST', token, body });
  await stop(first, 'SIGKILL');
  const second = await start({ PATH: pathWithoutBrokers() });
  expect((await send(`${second.url}/t/acme/scim/v2/Users/${user.id}`, { token })).status).toBe(200);
  await stop(second, 'SIGINT');
  expect(leftBehind()).toEqual([]);
});

/** A machine that has neither Java nor Maven nor Docker: they are found, and do not run. */
const pathWithoutBrokers = (): string => {
  const broken = mkdtempSync(join(directory, 'bin-'));
  for (const tool of ['java', 'mvn', 'docker'])
    writeFileSync(join(broken, tool), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  return `${broken}:${process.env['PATH'] ?? ''}`;
};

const tenantToken = async ({ url }: Standalone, adminToken: string): Promise<string> => {
  const admin = { token: adminToken, headers: { 'content-type': 'application/json' }, method: 'POST' };
  await send(`${url}/admin/v1/tenants`, { ...admin, body: { id: 'acme', displayName: 'Acme Inc.' } });
  const settings = { rateLimit: { perSecond: 100_000, burst: 100_000 } };
  await send(`${url}/admin/v1/tenants/acme`, { ...admin, method: 'PATCH', body: { settings } });
  return (await send(`${url}/admin/v1/tenants/acme/tokens`, { ...admin, body: { name: 'okta', expiresInDays: 1 } }))
    .body.token;
};
