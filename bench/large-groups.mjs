/**
 * What work on a group costs by the size of the group: the whole system over HTTP, one client, on a PostgreSQL and a Kafka broker of its own.
 *
 *   npm run build && node bench/large-groups.mjs [--sizes 10,1000,100000,1000000] [--times 20]
 *
 * Members are users as far as decisions about members see them: streams that are there, put into the table. Everything else goes the way of a
 * request. Prints a Markdown table of medians in milliseconds.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import pg from 'pg';
import { startDevelopmentBroker } from '../deploy/kafka/development-broker.mjs';
import { startEmbeddedPostgres } from '../dist/apps/standalone/src/embedded-postgres.js';
import { percentile } from './load.mjs';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10,1000,100000,1000000' },
    times: { type: 'string', default: '20' },
  },
});
const sizes = values.sizes.split(',').map(Number);
const times = Number(values.times);
const SPARE = 1_000 * (times + 2); // who is added to a group and removed again
const IN_ONE_PUT = 200_000; // beyond it a group does not fit into GROUP_BODY_LIMIT
const CHUNK = 20_000;
const MANY_GROUPS = 1_000;
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const TENANT = 'bench';

const directory = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
chmodSync(directory, 0o755); // PostgreSQL started by root runs as another user, who must be able to enter
const silent = () => {};
const [postgres, broker] = await Promise.all([
  startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), port: 0, log: silent }),
  startDevelopmentBroker({ dataDirectory: join(directory, 'kafka'), port: 0, log: silent }),
]);
const port = 20_000 + (process.pid % 20_000);
const url = `http://127.0.0.1:${port}`;
const adminToken = randomBytes(24).toString('hex');
const system = spawn(process.execPath, ['dist/apps/standalone/src/main.js'], {
  env: {
    ...process.env,
    DATABASE_URL: postgres.url,
    KAFKA_BROKERS: broker.brokers.join(','),
    ADMIN_TOKEN: adminToken,
    MASTER_KEY: randomBytes(32).toString('base64'),
    PORT: String(port),
    LOG_LEVEL: 'warn',
    GROUP_BODY_LIMIT: String(32 * 1024 ** 2),
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
const database = new pg.Client({ connectionString: postgres.url });
database.on('error', silent);

const rows = [];
const report = (...cells) => {
  rows.push(`| ${cells.join(' | ')} |`);
  console.error(rows.at(-1));
};
const memory = () => {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${system.pid}/status`, 'utf8')) ?? [];
  return `${Math.round(Number(kilobytes) / 1024)} MiB`;
};
const until = async (isSo) => {
  while (!(await isSo())) await new Promise((again) => setTimeout(again, 20));
};
const count = async (text, parameters) => Number((await database.query(text, parameters)).rows[0].count);

try {
  await until(async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200);
  await database.connect();
  const send = async (method, path, authorization, type, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization, 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const admin = (method, path, body) =>
    send(method, `/admin/v1${path}`, `Bearer ${adminToken}`, 'application/json', body);
  await admin('POST', '/tenants', { id: TENANT, displayName: 'Bench' });
  await admin('PATCH', `/tenants/${TENANT}`, { settings: { rateLimit: { perSecond: 100_000, burst: 100_000 } } });
  const { token } = await admin('POST', `/tenants/${TENANT}/tokens`, { name: 'bench', expiresInDays: 1 });
  const scim = (method, path, body) =>
    send(method, `/t/${TENANT}/scim/v2${path}`, `Bearer ${token}`, 'application/scim+json', body);
  const patch = (group, ...Operations) => scim('PATCH', `/Groups/${group}`, { schemas: [PATCH_OP], Operations });
  const idOf = (n) => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
  const membersOf = (from, to) => Array.from({ length: to - from }, (_, i) => ({ value: idOf(from + i) }));
  const add = (group, value) => patch(group, { op: 'add', path: 'members', value });
  const remove = (group, value) => patch(group, { op: 'remove', path: 'members', value });

  const most = Math.max(...sizes) + SPARE;
  await database.query(
    `INSERT INTO streams SELECT $1, 'user-' || $1 || '+01900000-0000-7000-8000-' || lpad(n::text, 12, '0'), 0, true FROM generate_series(0, $2::int) n`,
    [TENANT, most],
  );
  await database.query('VACUUM ANALYZE streams');

  const median = async (work, runs = times) => {
    const taken = [];
    for (let n = 0; n < runs; n += 1) {
      const begin = performance.now();
      await work(n);
      taken.push(performance.now() - begin);
    }
    return percentile(
      taken.sort((a, b) => a - b),
      0.5,
    ).toFixed(1);
  };

  const kafka = new Kafka({ clientId: 'bench', brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'bench', maxWaitTimeInMs: 50 });
  let [memberships, tombstones] = [0, 0];
  await consumer.connect();
  await consumer.subscribe({ topics: ['rollcall.memberships.v1'], fromBeginning: false });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        if (value === null) tombstones += 1;
        else memberships += 1;
      }
    },
  });
  await joined;

  for (const size of sizes) {
    [memberships, tombstones] = [0, 0];
    const { id } = await scim('POST', '/Groups', { schemas: [GROUP], displayName: `Group of ${size}` });
    const filled = performance.now();
    for (let from = 0; from < size; from += CHUNK) await add(id, membersOf(from, Math.min(size, from + CHUNK)));
    console.error(`filled ${size} in ${Math.round(performance.now() - filled)} ms`);
    await scim('GET', `/Groups/${id}?excludedAttributes=members`); // the read model has caught up
    await until(() => memberships >= size); // and the publisher
    for (const k of [1, 100, 1_000]) {
      const some = (n) => membersOf(size + n * k, size + (n + 1) * k);
      report(`add ${k}`, size, await median((n) => add(id, some(n))));
      report(`remove ${k}`, size, await median((n) => remove(id, some(n))));
    }
    report('rename', size, await median((n) => patch(id, { op: 'replace', path: 'displayName', value: `Name ${n}` })));
    report('read without members', size, await median(() => scim('GET', `/Groups/${id}?excludedAttributes=members`)));
    if (size <= IN_ONE_PUT) {
      report('read', size, await median(() => scim('GET', `/Groups/${id}`), 3));
      const whole = (n) => ({ schemas: [GROUP], displayName: 'Whole', members: membersOf(n, size + n) });
      report('PUT, one out and one in', size, await median((n) => scim('PUT', `/Groups/${id}`, whole(n)), 3));
    }
    await until(() => memberships === tombstones + size); // whoever was added and removed above
    [memberships, tombstones] = [0, 0];
    const begin = performance.now();
    await scim('DELETE', `/Groups/${id}`);
    report('delete', size, (performance.now() - begin).toFixed(1));
    await until(() => tombstones >= size);
    report('delete → last tombstone in Kafka', size, (performance.now() - begin).toFixed(0));
    console.error(`memory of the system process: ${memory()}`);
  }

  const { id: user } = await scim('POST', '/Users', { schemas: [USER], userName: 'everywhere' });
  const Operations = Array.from({ length: MANY_GROUPS }, (_, n) => ({
    method: 'POST',
    path: '/Groups',
    bulkId: `g${n}`,
    data: { schemas: [GROUP], displayName: `Everywhere ${n}`, members: [{ value: user }] },
  }));
  await scim('POST', '/Bulk', { schemas: [BULK_REQUEST], Operations });
  const begin = performance.now();
  await scim('DELETE', `/Users/${user}`);
  report(`delete a user in ${MANY_GROUPS} groups`, '–', (performance.now() - begin).toFixed(1));
  const recorded = `SELECT count(*) FROM events WHERE tenant_id = $1 AND type = 'GroupMembersRemoved' AND data->'cause' IS NOT NULL`;
  await until(async () => (await count(recorded, [TENANT])) === MANY_GROUPS);
  report(`… → recorded in each of them`, '–', (performance.now() - begin).toFixed(0));

  await consumer.disconnect();
  console.log('| work | members | ms |\n|---|---|---|');
  console.log(rows.join('\n'));
} finally {
  system.kill('SIGTERM');
  if (system.exitCode === null) await once(system, 'exit');
  await database.end().catch(silent);
  await Promise.all([postgres.stop(), broker.stop()]);
  rmSync(directory, { recursive: true, force: true });
}
