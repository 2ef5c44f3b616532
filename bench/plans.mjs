/**
 * `npm run bench:plans`: the look-ups whose SQL and plans `npm test` keeps as snapshots, in a tenant of 1,000,000 users (BENCH_USERS), as the
 * services' own role under row-level security. Prints a Markdown table; fails when a common one reads a table from end to end.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../dist/apps/standalone/src/embedded-postgres.js';
import { createServicePool, TenantDatabase } from '../dist/libs/postgres/src/index.js';
import { fillLargeDirectory, TENANT } from '../dist/libs/read-model/src/query/plans/large-directory.fixture.js';
import { lookUps } from '../dist/libs/read-model/src/query/plans/look-ups.fixture.js';
import { explain } from '../dist/libs/read-model/src/query/plans/query-plan.fixture.js';
import { migrate } from '../dist/libs/runtime/src/index.js';

const USERS = Number(process.env.BENCH_USERS ?? 1_000_000);
const MODES = ['custom', 'generic'];
/** The second run finds what it reads in memory, as in a server that is used. */
const RUNS = 3;
/** As in `query-plans.int.spec.ts`. */
const MOST_IN_VAIN = 250;

const directory = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
chmodSync(directory, 0o755); // PostgreSQL started by root runs as another user, who must be able to enter
const server = await startEmbeddedPostgres({ dataDirectory: join(directory, 'postgres'), port: 0, log: () => {} });
const owner = new pg.Pool({ connectionString: server.url, max: 1 });
const pool = createServicePool({ url: server.url, applicationName: 'bench-plans', max: 1 });

/** The quickest of a few runs for each kind of plan, and the worst that any of them did. */
const measure = async (database, statement) => {
  const plans = [];
  for (const mode of MODES)
    for (let i = 0; i < RUNS; i += 1) plans.push({ mode, ...(await explain(database, TENANT, statement, mode)) });
  const quickest = (mode) =>
    Math.min(...plans.flatMap((plan) => (plan.mode === mode ? [plan.milliseconds] : []))).toFixed(2);
  return {
    times: MODES.map(quickest),
    scanned: [...new Set(plans.flatMap(({ scanned }) => scanned))],
    inVain: Math.max(...plans.map(({ inVain }) => inVain)),
    steps: plans.at(-1)?.steps ?? [],
  };
};

try {
  await migrate(server.url);
  const began = performance.now();
  await fillLargeDirectory(owner, { users: USERS, others: Math.ceil(USERS / 5), groups: Math.ceil(USERS / 20) });
  console.error(`${USERS} users made in ${Math.round((performance.now() - began) / 1000)} s`);
  const database = new TenantDatabase(pool);
  const faults = [];
  console.log('| look-up | ms | ms, prepared | |\n|---|---|---|---|');
  for (const { name, statement, scans } of lookUps(USERS)) {
    const { times, scanned, inVain, steps } = await measure(database, statement);
    const isFault = scans === undefined && (scanned.length > 0 || inVain >= MOST_IN_VAIN);
    if (isFault) faults.push(`${name}: reads ${scanned.join(', ') || `${inVain} rows in vain`}\n${steps.join('\n')}`);
    const note = isFault ? 'FAULT' : (scans ?? '');
    console.log(`| ${[name, ...times, note].join(' | ')} |`);
  }
  console.error(faults.length === 0 ? 'no common look-up reads a table from end to end' : faults.join('\n\n'));
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await Promise.all([owner.end(), pool.end()]);
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
}
