import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres } from './embedded-postgres.js';

let dataDirectory: string;
beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'rollcall-embedded-'));
});
// Tried again: a server whose starter was killed may still be putting its files in order.
afterEach(() => rm(dataDirectory, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));

const log = () => undefined;

const query = async (url: string, text: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<Record<string, unknown>>(text);
  await client.end();
  return rows;
};

/** Starts the server from a process of its own, which is then killed without a chance to stop it. */
const startAndBeKilled = async (): Promise<string> => {
  const module = new URL('embedded-postgres.ts', import.meta.url).href;
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)});
    const { url } = await startEmbeddedPostgres({ dataDirectory: ${JSON.stringify(dataDirectory)}, log: () => undefined });
    process.stdout.write(url, () => setInterval(() => undefined, 1_000));`;
  const child = spawn('node', ['--no-warnings', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(data.toString())),
  );
  await query(url, 'CREATE TABLE kept AS SELECT 1 AS one');
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exit;
  return url;
};

it('starts on a free port, as UTF-8 in the C locale, durable, for connections with the password only', async () => {
  const { url, stop } = await startEmbeddedPostgres({ dataDirectory, log });
  expect(
    await query(
      url,
      `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS locale, current_setting('synchronous_commit') AS sync,
        current_setting('fsync') AS fsync FROM pg_database WHERE datname = current_database()`,
    ),
  ).toEqual([{ encoding: 'UTF8', locale: 'C', sync: 'on', fsync: 'on' }]);
  const wrong = new URL(url);
  wrong.password = 'wrong';
  await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  expect((await stat(join(dataDirectory, 'password'))).mode & 0o777).toBe(0o600);
  await stop();
  await stop();
});

it('starts again on the same data with the same password', async () => {
  const first = await startEmbeddedPostgres({ dataDirectory, log });
  await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS one');
  await first.stop();
  const second = await startEmbeddedPostgres({ dataDirectory, log });
  expect(new URL(second.url).password).toBe(new URL(first.url).password);
  expect(await query(second.url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  await second.stop();
});

it('starts on data whose server was left behind by a killed process', async () => {
  await startAndBeKilled();
  const { url, stop } = await startEmbeddedPostgres({ dataDirectory, log });
  expect(await query(url, 'SELECT * FROM kept')).toEqual([{ one: 1 }]);
  await stop();
});

it('does not outlive the process that started it', async () => {
  const url = await startAndBeKilled();
  const deadline = Date.now() + 10_000;
  const answers = () =>
    query(url, 'SELECT 1').then(
      () => true,
      () => false,
    );
  while ((await answers()) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await answers()).toBe(false);
});

it('says what is in the way when the port is taken', async () => {
  const { url, stop } = await startEmbeddedPostgres({ dataDirectory, log });
  const other = join(dataDirectory, 'other');
  await chmod(dataDirectory, 0o755);
  const port = Number(new URL(url).port);
  await expect(startEmbeddedPostgres({ dataDirectory: other, port, log })).rejects.toThrow(/Address already in use/);
  await stop();
});
