import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import pg, { type Pool } from 'pg';
import { directoryEvents, groupStream, membershipEdges, type GroupCommand } from '#directory';
import { CommandRunner, EventStore, streamName } from '#event-sourcing';
import { createServicePool } from '#postgres';
import { groupSchema as schema, type MemberOperation } from '#scim';
import { createTestDatabase, InMemorySealer, newTenant, someMetadata, type TestDatabase } from '#testing';
import { eventLogMigrations, PostgresEdgeIndex, PostgresEventLog } from './index.js';

jest.setTimeout(600_000);

const MILLION = 1_000_000;
const SIZES = [10, 1_000, 100_000, MILLION];
const NEWCOMERS = 2_000;

let database: TestDatabase;
let owner: pg.Client;
const opened: Process[] = [];

beforeAll(async () => {
  database = await createTestDatabase(eventLogMigrations);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  for (const { log, pool } of opened) {
    await log.close();
    await pool.end();
  }
  await owner.end();
  await database.drop();
});

interface Process {
  readonly pool: Pool;
  readonly log: PostgresEventLog;
  readonly edges: PostgresEdgeIndex;
  readonly run: (tenantId: string, group: string, command: GroupCommand) => ReturnType<CommandRunner['run']>;
}

/** Log and command runner with connections of their own, as another process has them. */
const startProcess = (): Process => {
  const pool = createServicePool({ url: database.ownerUrl, applicationName: 'large-groups' });
  const log = new PostgresEventLog(pool);
  const edges = new PostgresEdgeIndex(pool);
  const sealer = new InMemorySealer();
  sealer.subject = async (tenantId, id) => (await sealer.create(tenantId, id)).cipher; // keys are not what this is about
  const store = new EventStore(log, sealer, directoryEvents, randomUUID, membershipEdges);
  const runner = new CommandRunner(store, sealer, {
    retryForMs: 300_000,
    maxBatch: 64,
    cachedStates: 100,
    delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
  });
  const type = groupStream(log, edges);
  const run: Process['run'] = (tenantId, resourceId, command) =>
    runner.run(type, { tenantId, resourceId, command, metadata: someMetadata() });
  const process = { pool, log, edges, run };
  opened.push(process);
  return process;
};

const memberId = (n: number): string => `m${String(n).padStart(7, '0')}`;
const members = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => ({ value: memberId(from + i) }));
const patch = (...operations: readonly MemberOperation[]): GroupCommand => ({
  type: 'PatchGroup',
  data: { operations: [], members: operations, schema },
});
const adding = (from: number, count: number) => patch({ kind: 'add', members: members(from, count) });
const removing = (from: number, count: number) =>
  patch({ kind: 'remove', values: members(from, count).map(({ value }) => value) });
const creating: GroupCommand = {
  type: 'CreateGroup',
  data: { attributes: { displayName: 'Group' }, members: { kind: 'replace', members: [] } },
};

/** Users as far as decisions about members see them: streams that are there. */
const withUsers = (tenantId: string, from: number, count: number) =>
  owner.query(
    `INSERT INTO streams SELECT $1, 'user-' || $1 || '+m' || lpad(n::text, 7, '0'), 0, true FROM generate_series($2::int, $3::int) n`,
    [tenantId, from, from + count - 1],
  );

/** Members put into the index as an append would. */
const withMembers = (tenantId: string, group: string, count: number) =>
  owner.query(
    `INSERT INTO edges SELECT $1, $2, 'm' || lpad(n::text, 7, '0'), 'User', 1 FROM generate_series(0, $3::int - 1) n`,
    [tenantId, group, count],
  );

interface Cost {
  /** Round trips to the database. */
  readonly statements: number;
  /** Of the tables that hold the log and the edges: rows written and fetched by an index; rows of edges read by scans of the table. */
  readonly written: number;
  readonly scanned: number;
  readonly fetched: number;
  readonly sent: number;
  readonly received: number;
}

/** Work in a process of its own, whose sessions have ended when it is done: then all they did is in the statistics. */
const inProcess = async <Result>(work: (process: Process) => Promise<Result>): Promise<Result> => {
  const process = startProcess();
  opened.pop();
  try {
    return await work(process);
  } finally {
    await process.log.close();
    await process.pool.end();
    const running = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'large-groups'`;
    while ((await owner.query(running)).rowCount !== 0);
  }
};

const costOf = async (work: (process: Process) => Promise<unknown>): Promise<Cost> => {
  const before = await rowsTouched();
  const wire = await inProcess(async (process) => {
    const sockets: Socket[] = [];
    let statements = 0;
    process.pool.on('connect', (client) => {
      sockets.push((client as unknown as { connection: { stream: Socket } }).connection.stream);
    });
    process.pool.on('acquire', () => (statements += 1));
    await work(process);
    const sum = (figure: 'bytesWritten' | 'bytesRead') => sockets.reduce((all, socket) => all + socket[figure], 0);
    return { statements, sent: sum('bytesWritten'), received: sum('bytesRead') };
  });
  const after = await rowsTouched();
  return {
    ...wire,
    written: after.written - before.written,
    scanned: after.scanned - before.scanned,
    fetched: after.fetched - before.fetched,
  };
};

const rowsTouched = async () => {
  await owner.query('SELECT pg_stat_clear_snapshot()');
  const { rows } = await owner.query<Record<'written' | 'scanned' | 'fetched', number>>(
    `SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int AS written,
       sum(seq_tup_read) FILTER (WHERE relname = 'edges')::int AS scanned, sum(coalesce(idx_tup_fetch, 0))::int AS fetched
     FROM pg_stat_user_tables WHERE relname IN ('events', 'streams', 'edges', 'past_edges', 'gone_sources')`,
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no statistics');
  return row;
};

describe('groups of 10, 1,000, 100,000 and 1,000,000', () => {
  const t = newTenant();
  const group = (size: number) => `g-${size}`;
  const inEach = async (work: (process: Process, group: string, size: number) => Promise<unknown>) => {
    const costs: Cost[] = [];
    for (const size of SIZES) costs.push(await costOf((process) => work(process, group(size), size)));
    return costs;
  };

  /** The same for every size, but for what an id or a number more or less makes, and for the pages of an index. */
  const expectAlike = (costs: readonly Cost[], most: Partial<Cost>) => {
    const [smallest] = costs;
    for (const cost of costs) {
      expect(cost).toMatchObject({ statements: smallest?.statements, written: smallest?.written, scanned: 0 });
      for (const figure of ['fetched', 'sent', 'received'] as const) {
        expect(cost[figure]).toBeLessThanOrEqual((smallest?.[figure] ?? 0) * 1.1 + 100);
        expect(cost[figure]).toBeLessThanOrEqual(most[figure] ?? Infinity);
      }
    }
  };

  beforeAll(async () => {
    await withUsers(t, MILLION, NEWCOMERS);
    await inProcess(async ({ run }) => {
      for (const size of SIZES) await run(t, group(size), creating);
    });
    for (const size of SIZES) await withMembers(t, group(size), size);
    await owner.query('ANALYZE');
  });

  it.each([1, 100, 1_000])('%i members come and go for as much as in a group of 10', async (k) => {
    const perMember = { fetched: 12 * k + 100, sent: 700 * k + 20_000, received: 150 * k + 10_000 };
    expectAlike(await inEach(({ run }, id) => run(t, id, adding(MILLION, k))), perMember);
    expectAlike(await inEach(({ run }, id) => run(t, id, removing(MILLION, k))), perMember);
  });

  it('no event grows beyond 500 members', async () => {
    const { rows } = await owner.query<{ most: number; bytes: number }>(
      `SELECT max(json_array_length(data->'members')) AS most, max(octet_length(data::text)) AS bytes
       FROM events WHERE tenant_id = $1 AND type LIKE 'GroupMembers%'`,
      [t],
    );
    expect(rows[0]?.most).toBe(500);
    expect(rows[0]?.bytes).toBeLessThan(500 * 60);
  });

  it('a new name, a member that is there already and one that is not touch nobody else', async () => {
    const name = { op: 'replace', path: 'displayName', value: 'Renamed' } as const;
    const rename: GroupCommand = { type: 'PatchGroup', data: { operations: [name], members: [], schema } };
    expectAlike(await inEach(({ run }, id) => run(t, id, rename)), { fetched: 50, sent: 20_000 });
    expectAlike(await inEach(({ run }, id) => run(t, id, adding(3, 1))), { fetched: 50 });
    expectAlike(await inEach(({ run }, id) => run(t, id, removing(MILLION + 1, 1))), { fetched: 50 });
  });

  it('a page of members costs a page, wherever it is, now and as of a moment', async () => {
    for (const page of [{ limit: 10 }, { limit: 10, asOf: 1_000 }])
      expectAlike(await inEach(({ edges }, id) => edges.targets(t, id, page)), { fetched: 60, received: 5_000 });
    const middle = { after: memberId(MILLION / 2), limit: 500, asOf: 1_000 };
    const cost = await costOf(({ edges }) => edges.targets(t, group(MILLION), middle));
    expect(cost).toMatchObject({ statements: 1, scanned: 0 });
    expect(cost.fetched).toBeLessThan(2_000);
  });

  it('a PUT of 100,000 members with one other writes one out and one in', async () => {
    await withUsers(t, MILLION + NEWCOMERS, 1);
    const everybody = [...members(1, 99_999), ...members(MILLION + NEWCOMERS, 1)];
    const replace: GroupCommand = {
      type: 'ReplaceGroup',
      data: { attributes: { displayName: 'Group' }, members: { kind: 'replace', members: everybody }, schema },
    };
    const cost = await costOf(({ run }) => run(t, group(100_000), replace));
    expect(cost.statements).toBeLessThan(20); // pages of what is there, then one append
    expect(cost.written).toBeLessThan(20);
    expect(cost.sent).toBeLessThan(50_000); // what is there already is not asked for one by one
    const asked = [memberId(0), memberId(1), memberId(MILLION + NEWCOMERS)];
    const present = await inProcess(({ edges }) => edges.among(t, group(100_000), asked));
    expect(present).toEqual(new Set(asked.slice(1)));
  });

  it('the end of a group is one event and one mark, and nobody is its member from then on', async () => {
    expectAlike(await inEach(({ run }, id) => run(t, id, { type: 'DeleteGroup', data: {} })), { fetched: 50 });
    await inProcess(async ({ edges }) => {
      for (const size of SIZES) expect(await edges.among(t, group(size), [memberId(5)])).toEqual(new Set());
    });
    const page = async (process: Process, id: string) => {
      expect((await process.edges.targets(t, id, { limit: 10 })).targets).toEqual([]);
    };
    expectAlike(await inEach(page), { fetched: 5 });
  });
});

describe('50 writers on two processes', () => {
  const PEOPLE = 12;
  const ids = fc.uniqueArray(fc.nat(PEOPLE - 1), { minLength: 1, maxLength: 6 });
  const operation = fc.oneof(
    {
      weight: 4,
      arbitrary: ids.map((some): MemberOperation => ({
        kind: 'add',
        members: some.map((n) => ({ value: memberId(n) })),
      })),
    },
    { weight: 4, arbitrary: ids.map((some): MemberOperation => ({ kind: 'remove', values: some.map(memberId) })) },
    {
      weight: 1,
      arbitrary: ids.map((some): MemberOperation => ({
        kind: 'replace',
        members: some.map((n) => ({ value: memberId(n) })),
      })),
    },
  );
  const applied = (before: ReadonlySet<string>, change: MemberOperation): ReadonlySet<string> => {
    const named =
      'members' in change ? change.members.map(({ value }) => value) : 'values' in change ? change.values : [];
    if (change.kind === 'add') return new Set([...before, ...named]);
    return change.kind === 'replace' ? new Set(named) : new Set([...before].filter((id) => !named.includes(id)));
  };

  it('lose nobody: every answer is that of set algebra at the revision it names, and the log tells the index', async () => {
    const processes = [startProcess(), startProcess()];
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 50, maxLength: 50 }), async (wanted) => {
        const t = newTenant();
        await withUsers(t, 0, PEOPLE);
        await processes[0]?.run(t, 'g', creating);
        const answers = await Promise.all(
          wanted.map(async (change, n) => ({ change, answer: await processes[n % 2]?.run(t, 'g', patch(change)) })),
        );
        const [{ log, edges } = startProcess()] = processes;
        const history: ReadonlySet<string>[] = [];
        for (const { type, data } of await log.readStream(t, streamName('group', t, 'g'))) {
          const before = history.at(-1) ?? new Set<string>();
          const named = ((data['members'] ?? []) as (string | { value: string })[]).map((one) =>
            typeof one === 'string' ? one : one.value,
          );
          const adds = type === 'GroupMembersAdded';
          expect(named.filter((id) => before.has(id) === adds)).toEqual([]); // events name differences only
          history.push(
            applied(
              before,
              adds ? { kind: 'add', members: named.map((value) => ({ value })) } : { kind: 'remove', values: named },
            ),
          );
        }
        for (const { change, answer } of answers) {
          const revision = answer?.revision ?? -1;
          const before = history[revision - (answer?.events.length ?? 0)] ?? new Set();
          expect([...(history[revision] ?? [])].sort()).toEqual([...applied(before, change)].sort());
        }
        const { targets } = await edges.targets(t, 'g', { limit: 100 });
        expect(targets.map(({ id }) => id)).toEqual([...(history.at(-1) ?? [])].sort());
      }),
      { numRuns: 8 },
    );
  });
});
