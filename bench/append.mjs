/**
 * How fast the event log in PostgreSQL takes appends, against two floors on the same server in the same run, in turns: one bare INSERT of the same
 * payload per request, and one of 512 events by unnest. Each append is what creating a user writes: the user's event and the claim on its name, on
 * two streams. Prints the median of the rounds.
 *
 *   npm run build && node bench/append.mjs [--seconds 3] [--rounds 3] [--waiting 768] [--url postgresql://…]
 *
 * Without --url it starts an embedded PostgreSQL of its own. `waiting` is how many requests are under way at any time: three full batches.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { v7 } from 'uuid';
import { eventLogMigrations, PostgresEventLog } from '#event-store-postgres';
import { createServicePool, runMigrations } from '#postgres';
import { startEmbeddedPostgres } from '../dist/apps/standalone/src/embedded-postgres.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    rounds: { type: 'string', default: '3' },
    waiting: { type: 'string', default: '768' },
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
  id: v7(),
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
  const id = v7();
  const claim = { ...event, id: v7(), type: 'ClaimTaken', data: { resourceId: id } };
  const hash = `${randomUUID()}${randomUUID()}`.replaceAll('-', '');
  return {
    streams: [
      { tenantId, streamName: `user-${tenantId}+${id}`, expected: 'no-stream', events: [event] },
      { tenantId, streamName: `claim-${tenantId}+userName-${hash}`, expected: 'no-stream', events: [claim] },
    ],
    subjectKeys: [{ tenantId, subjectId: id, wrappedKey: new Uint8Array(60), tenantKeyVersion: 1 }],
  };
};

/** Keeps `lanes` requests under way for the time, after a short warm-up, and returns requests per second with latencies. */
const measure = async (lanes, request) => {
  const latencies = [];
  const begin = performance.now() + 500;
  const end = begin + milliseconds;
  const worker = async (n) => {
    for (let i = n; performance.now() < end; i += lanes) {
      const started = performance.now();
      await request(i);
      if (started > begin) latencies.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, n) => worker(n)));
  latencies.sort((a, b) => a - b);
  const at = (share) => (latencies[Math.floor(latencies.length * share)] ?? 0).toFixed(1);
  return { perSecond: (latencies.length / milliseconds) * 1_000, 'p50 ms': at(0.5), 'p99 ms': at(0.99) };
};

await runMigrations(url, eventLogMigrations);
const owner = new pg.Pool({ connectionString: url, max: 10 });
owner.on('error', () => {}); // the server may stop before the last goodbye has been heard
const pool = createServicePool({ url, applicationName: 'bench', max: 10 });
const log = new PostgresEventLog(pool);
const tenants = Array.from({ length: 100 }, (_, n) => `tenant-${n}`);

await owner.query('CREATE TABLE floor (id uuid PRIMARY KEY, data json NOT NULL, metadata json NOT NULL)');
const insertOne = () => {
  const { id, metadata, ...data } = user();
  return owner.query({ name: 'one', text: 'INSERT INTO floor VALUES ($1, $2, $3)', values: [id, data, metadata] });
};
const insertMany = () => {
  const users = Array.from({ length: 512 }, user);
  const data = users.map((one) => JSON.stringify({ ...one, id: undefined, metadata: undefined }));
  const metadata = users.map((one) => JSON.stringify(one.metadata));
  return owner.query({
    name: 'many',
    text: 'INSERT INTO floor SELECT * FROM unnest($1::uuid[], $2::json[], $3::json[])',
    values: [users.map(({ id }) => id), data, metadata],
  });
};

const works = [
  ['floor: one INSERT a request', 1, waiting, insertOne],
  ['floor: 512 events an INSERT', 512, 3, insertMany],
  ['append, 100 tenants', 2, waiting, (n) => log.append(createUser(tenants[n % tenants.length]))],
  ['append, one tenant', 2, waiting, () => log.append(createUser('only'))],
];
const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1)
  for (const [name, events, lanes, request] of works) {
    const { perSecond, ...latency } = await measure(lanes, request);
    rounds.push({ name, 'events/s': Math.round(perSecond * events), ...latency });
  }
const median = (figures) => figures.toSorted((a, b) => a['events/s'] - b['events/s'])[figures.length >> 1];
console.table([...Map.groupBy(rounds, ({ name }) => name).values()].map(median));

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
