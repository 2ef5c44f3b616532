/**
 * How fast the event log in PostgreSQL takes appends, against the floor: one bare INSERT of the same payload per request, on the same server in
 * the same run. Each request is what creating a user appends: the user's event and the claim on its name, on two streams.
 *
 *   npm run build && node bench/append.mjs [--seconds 5] [--waiting 256] [--url postgresql://…]
 *
 * Without --url it starts an embedded PostgreSQL of its own. `waiting` is how many requests are under way at any time.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { eventLogMigrations, PostgresEventLog } from '#event-store-postgres';
import { createServicePool, runMigrations } from '#postgres';
import { startEmbeddedPostgres } from '../dist/apps/standalone/src/embedded-postgres.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    waiting: { type: 'string', default: '256' },
    url: { type: 'string' },
  },
});
const milliseconds = Number(values.seconds) * 1_000;
const waiting = Number(values.waiting);

const data = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const embedded = values.url
  ? undefined
  : await startEmbeddedPostgres({ dataDirectory: data, log: (line) => console.error(line) });
const url = values.url ?? embedded.url;

const sealed = 'A'.repeat(600);
const user = () => ({
  id: randomUUID(),
  type: 'UserCreated',
  schemaVersion: 1,
  data: { externalId: randomUUID(), active: true, sealed },
  time: new Date(),
  metadata: {
    actor: { kind: 'token', id: 'tok_bench' },
    requestId: randomUUID(),
    correlationId: randomUUID(),
    txn: randomUUID(),
  },
});

const createUser = (tenantId) => {
  const event = user();
  const id = randomUUID();
  const claim = { ...event, id: randomUUID(), type: 'ClaimTaken', data: { resourceId: id } };
  const hash = `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
  return {
    streams: [
      { tenantId, streamName: `user-${tenantId}+${id}`, expected: 'no-stream', events: [event] },
      { tenantId, streamName: `claim-${tenantId}+userName-${hash}`, expected: 'no-stream', events: [claim] },
    ],
    subjectKeys: [{ tenantId, subjectId: id, wrappedKey: new Uint8Array(60), tenantKeyVersion: 1 }],
  };
};

/** Keeps `waiting` requests under way for the time, after a short warm-up, and returns requests per second with latencies. */
const measure = async (request) => {
  const latencies = [];
  const begin = performance.now() + 500;
  const end = begin + milliseconds;
  const worker = async (n) => {
    for (let i = n; performance.now() < end; i += waiting) {
      const started = performance.now();
      await request(i);
      if (started > begin) latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: waiting }, (_, n) => worker(n)));
  latencies.sort((a, b) => a - b);
  const at = (share) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  const perSecond = Math.round((latencies.length / milliseconds) * 1_000);
  return { 'requests/s': perSecond, 'p50 ms': at(0.5), 'p99 ms': at(0.99) };
};

const results = {};
const report = async (name, eventsPerRequest, request) => {
  const figures = await measure(request);
  results[name] = { ...figures, 'events/s': figures['requests/s'] * eventsPerRequest };
};

await runMigrations(url, eventLogMigrations);
const owner = new pg.Pool({ connectionString: url, max: 10 });
owner.on('error', () => {}); // the server may stop before the last goodbye has been heard
const pool = createServicePool({ url, applicationName: 'bench', max: 10 });
const log = new PostgresEventLog(pool);

await owner.query('CREATE TABLE floor (id uuid PRIMARY KEY, data json NOT NULL)');
await report('floor: one INSERT a request', 1, () => {
  const { id, ...payload } = user();
  return owner.query({ name: 'floor', text: 'INSERT INTO floor VALUES ($1, $2)', values: [id, payload] });
});
const tenants = Array.from({ length: 100 }, (_, n) => `tenant-${n}`);
await report('append, 100 tenants', 2, (n) => log.append(createUser(tenants[n % tenants.length])));
await report('append, one tenant', 2, () => log.append(createUser('only')));

console.table(results);
const started = performance.now();
let read = 0;
for (const head = await log.head('only'); read < head;) read += (await log.readTenant('only', read, 1_000)).length;
console.log(
  `read back, one tenant in pages of 1,000: ${Math.round((read / (performance.now() - started)) * 1_000)} events/s`,
);

await log.close();
await pool.end();
await owner.end();
await embedded?.stop();
await rm(data, { recursive: true, force: true });
