/**
 * `npm run bench`: the floor and the whole system in one run, on one PostgreSQL and one Kafka broker of their own (DESIGN §8).
 * Prints a Markdown table; `docs/performance.md` keeps one with the machine it was taken on.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startDevelopmentBroker } from '../deploy/kafka/development-broker.mjs';
import { startEmbeddedPostgres } from '../dist/apps/standalone/src/embedded-postgres.js';
import { load, percentile, summary } from './load.mjs';

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
const LANES = Number(process.env.BENCH_LANES ?? 32);
const USER = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';
const BULK_REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

const directory = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
chmodSync(directory, 0o755); // PostgreSQL started by root runs as another user, who must be able to enter
const silent = () => {};
const [database, broker] = await Promise.all([
  startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), port: 0, log: silent }),
  startDevelopmentBroker({ dataDirectory: join(directory, 'kafka'), port: 0, log: silent }),
]);

const children = [];
const start = (args, env) => {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
};

let serial = 0;
const user = () => {
  serial += 1;
  const name = `user-${serial}@example.com`;
  return {
    schemas: [USER, ENTERPRISE],
    userName: name,
    externalId: `00u${serial}`,
    name: { givenName: 'Barbara', familyName: `Jensen ${serial}` },
    displayName: `Barbara Jensen ${serial}`,
    emails: [{ value: name, type: 'work', primary: true }],
    active: true,
    locale: 'en-US',
    [ENTERPRISE]: { department: 'Sales', employeeNumber: String(serial) },
  };
};

const rows = [];
const report = (work, floor, system, note = '') => {
  const ratio = floor === undefined ? '–' : (system.perSecond / floor.perSecond).toFixed(2);
  const cells = [
    work,
    floor === undefined ? '–' : Math.round(floor.perSecond),
    Math.round(system.perSecond),
    ratio,
    system.p50.toFixed(2),
    system.p99.toFixed(2),
    note,
  ];
  rows.push(`| ${cells.join(' | ')} |`);
  console.error(rows.at(-1));
};

try {
  const floorProcess = start(['bench/floor.mjs'], { DATABASE_URL: database.url });
  const [line] = await once(floorProcess.stdout, 'data');
  const floorUrl = String(line).trim();

  const adminToken = randomBytes(24).toString('hex');
  const port = 20_000 + (process.pid % 20_000);
  const url = `http://127.0.0.1:${port}`;
  const system = start(['dist/apps/standalone/src/main.js'], {
    DATABASE_URL: database.url,
    KAFKA_BROKERS: broker.brokers.join(','),
    ADMIN_TOKEN: adminToken,
    MASTER_KEY: randomBytes(32).toString('base64'),
    PORT: String(port),
    LOG_LEVEL: 'warn',
  });
  system.stdout.resume();
  const ready = async () => (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200;
  while (!(await ready())) await new Promise((again) => setTimeout(again, 20));

  const admin = async (method, path, body) => {
    const headers = { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' };
    const answer = await fetch(`${url}/admin/v1${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  await admin('POST', '/tenants', { id: 'bench', displayName: 'Bench' });
  await admin('PATCH', '/tenants/bench', { settings: { rateLimit: { perSecond: 100_000, burst: 100_000 } } });
  const { token } = await admin('POST', '/tenants/bench/tokens', { name: 'bench', expiresInDays: 1 });
  const base = '/t/bench/scim/v2';
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json' };
  const post = (path, body) => ({ method: 'POST', path: `${base}${path}`, headers, body: JSON.stringify(body) });
  const patch = (path, ...Operations) => ({
    method: 'PATCH',
    path: `${base}${path}`,
    headers,
    body: JSON.stringify({ schemas: [PATCH_OP], Operations }),
  });
  const call = async (request) => {
    const answer = await fetch(url + request.path, request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${request.method} ${request.path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const floorHeaders = { 'content-type': 'application/scim+json' };

  // Create: warm both, then measure in turn.
  const ids = [];
  const createFloor = {
    url: floorUrl,
    lanes: LANES,
    next: () => ({ method: 'POST', path: '/Users', headers: floorHeaders, body: JSON.stringify(user()) }),
  };
  const createSystem = {
    url,
    lanes: LANES,
    next: () => post('/Users', user()),
    seen: (status, text) => {
      if (status === 201) ids.push(JSON.parse(text).id);
    },
  };
  await load({ ...createFloor, seconds: 2 });
  await load({ ...createSystem, seconds: 3 });
  const floorCreate = await load({ ...createFloor, seconds: SECONDS });
  const systemCreate = await load({ ...createSystem, seconds: SECONDS });
  report('create user', floorCreate, systemCreate, JSON.stringify(systemCreate.statuses));

  const caughtUp = performance.now();
  await call({ method: 'GET', path: `${base}/Users?count=1`, headers });
  console.error(`read model caught up after ${Math.round(performance.now() - caughtUp)} ms`);

  const random = (list) => list[Math.floor(Math.random() * list.length)];
  const { count: floorRows } = floorCreate;
  const floorGet = await load({
    url: floorUrl,
    lanes: LANES,
    seconds: SECONDS,
    next: () => ({ method: 'GET', path: `/Users/${1 + Math.floor(Math.random() * floorRows)}` }),
  });
  const systemGet = await load({
    url,
    lanes: LANES,
    seconds: SECONDS,
    next: () => ({ method: 'GET', path: `${base}/Users/${random(ids)}`, headers }),
  });
  report('get user by id', floorGet, systemGet, JSON.stringify(systemGet.statuses));

  const name = () => `user-${1 + Math.floor(Math.random() * serial)}@example.com`;
  const floorFind = await load({
    url: floorUrl,
    lanes: LANES,
    seconds: SECONDS,
    next: () => ({ method: 'GET', path: `/Users?name=${name()}` }),
  });
  const systemFind = await load({
    url,
    lanes: LANES,
    seconds: SECONDS,
    next: () => ({
      method: 'GET',
      path: `${base}/Users?filter=${encodeURIComponent(`userName eq "${name()}"`)}`,
      headers,
    }),
  });
  report('filter userName eq', floorFind, systemFind, JSON.stringify(systemFind.statuses));

  // Scenery for the large groups: creates in bulk until there are enough users.
  while (ids.length < 20_100) {
    const Operations = Array.from({ length: 1000 }, (_, i) => ({
      method: 'POST',
      path: '/Users',
      bulkId: `b${i}`,
      data: user(),
    }));
    const { Operations: done } = await call(post('/Bulk', { schemas: [BULK_REQUEST], Operations }));
    for (const { location } of done) ids.push(location.split('/').at(-1));
  }

  for (const size of [10, 1000, 20_000]) {
    const members = ids.slice(0, size).map((value) => ({ value }));
    const spare = ids.slice(size, size + 100);
    const { id } = await call(post('/Groups', { schemas: [GROUP], displayName: `Group of ${size}`, members }));
    let turn = 0;
    const next = () => {
      const value = spare[(turn >> 1) % spare.length];
      turn += 1;
      return turn % 2 === 1
        ? patch(`/Groups/${id}`, { op: 'add', path: 'members', value: [{ value }] })
        : patch(`/Groups/${id}`, { op: 'remove', path: `members[value eq "${value}"]` });
    };
    await load({ url, lanes: 1, seconds: 1, next });
    report(
      `PATCH one member, group of ${size}`,
      undefined,
      await load({ url, lanes: 1, seconds: 4, next }),
      'one client',
    );
  }

  // From the answer of a write to the record in Kafka and the row in the read model, at a steady 500 writes/s.
  const kafka = new Kafka({ clientId: 'bench', brokers: broker.brokers, logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'bench', maxWaitTimeInMs: 5 });
  const arrived = new Map();
  await consumer.connect();
  await consumer.subscribe({ topics: ['rollcall.users.v1'], fromBeginning: false });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({
    eachMessage: async ({ message }) => {
      const id = String(message.key).split('/').at(-1);
      if (!arrived.has(id)) arrived.set(id, performance.now());
    },
  });
  await joined;
  const acknowledged = new Map();
  const visible = [];
  const pending = [];
  const rate = 500;
  const steady = Math.min(SECONDS, 8);
  const begin = performance.now();
  for (let i = 0; i < rate * steady; i += 1) {
    const due = begin + (i * 1000) / rate;
    const wait = due - performance.now();
    if (wait > 0) await new Promise((go) => setTimeout(go, wait));
    pending.push(
      call(post('/Users', user())).then(async ({ id }) => {
        const acknowledgedAt = performance.now();
        acknowledged.set(id, acknowledgedAt);
        if (i % 10 !== 0) return;
        await call({ method: 'GET', path: `${base}/Users/${id}`, headers });
        visible.push(performance.now() - acknowledgedAt);
      }),
    );
  }
  await Promise.all(pending);
  const deadline = performance.now() + 30_000;
  while ([...acknowledged.keys()].some((id) => !arrived.has(id)) && performance.now() < deadline)
    await new Promise((again) => setTimeout(again, 20));
  const toKafka = [...acknowledged]
    .map(([id, at]) => (arrived.get(id) ?? Number.POSITIVE_INFINITY) - at)
    .sort((a, b) => a - b);
  report(
    'write → visible (GET right after, with its own time)',
    undefined,
    summary(visible, steady),
    `${rate} writes/s`,
  );
  rows.push(
    `| write → Kafka (users topic) | – | ${rate} | – | ${percentile(toKafka, 0.5).toFixed(1)} | ${percentile(toKafka, 0.99).toFixed(1)} | ${toKafka.length} records |`,
  );
  console.error(rows.at(-1));
  await consumer.disconnect();
  const rss = spawn('ps', ['-o', 'rss=', '-p', String(system.pid)]);
  const [kilobytes] = await once(rss.stdout, 'data');
  console.error(`memory of the system process: ${Math.round(Number(kilobytes) / 1024)} MiB`);

  console.log(
    `${availableParallelism()} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}, ${LANES} connections, ${SECONDS} s each; server, database, broker and load generator share the machine.\n`,
  );
  console.log('| work | floor /s | Rollcall /s | ratio | p50 ms | p99 ms | note |\n|---|---|---|---|---|---|---|');
  console.log(rows.join('\n'));
} finally {
  for (const child of children) child.kill('SIGTERM');
  await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
  await Promise.all([database.stop(), broker.stop()]);
  rmSync(directory, { recursive: true, force: true });
}
