import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { AppendTooLarge, ConcurrencyConflict, EventLogUnavailable, type AppendedStream } from '#event-sourcing';
import { createServicePool, TenantDatabase } from '#postgres';
import { createTestDatabase, edgeWrite, eventOf, newTenant, write, type TestDatabase } from '#testing';
import { prepareAppend } from './append-batch.js';
import { appendStatement } from './append-statement.js';
import { eventLogMigrations, PostgresEdgeIndex, PostgresEventLog, PostgresSnapshotStore } from './index.js';
import { snapshotOf } from './snapshot.fixture.js';

jest.setTimeout(120_000);

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase(eventLogMigrations);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** A log with a pool of its own, as another process would have. */
interface Process {
  readonly pool: Pool;
  readonly log: PostgresEventLog;
}
const started: Process[] = [];
const startProcess = (applicationName = 'log-test', url = database.ownerUrl): Process => {
  const pool = createServicePool({ url, applicationName });
  const process = { pool, log: new PostgresEventLog(pool) };
  started.push(process);
  return process;
};
afterEach(async () => {
  for (const { pool, log } of started.splice(0)) {
    await log.close();
    await pool.end();
  }
});

const one = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row> => {
  const { rows } = await owner.query<Row>(text, values);
  const [row] = rows;
  if (row === undefined) throw new Error(`No row: ${text}`);
  return row;
};

describe('several processes on one tenant', () => {
  it('share one order, without deadlock, whatever they write together', async () => {
    const t = newTenant();
    const others = Array.from({ length: 5 }, () => newTenant());
    const processes = [startProcess(), startProcess(), startProcess()];
    let appended = 0;
    await Promise.all(
      processes.flatMap(({ log }, p) =>
        Array.from({ length: 8 }, async (_, w) => {
          for (let n = 0; n < 25; n += 1) {
            const streams = [
              write(t, `hot-${(n + w) % 4}`, 'any', 1),
              write(others[(n + p) % 5] ?? t, `s-${w}`, 'any', 1),
            ];
            await log.append({ streams: n % 2 === 0 ? streams : streams.reverse() });
            appended += 1;
          }
        }),
      ),
    );
    const { n, distinct, last } = await one<{ n: number; distinct: number; last: number }>(
      'SELECT count(*)::int AS n, count(DISTINCT sequence)::int AS distinct, max(sequence)::int AS last FROM events WHERE tenant_id = $1',
      [t],
    );
    expect({ n, distinct, last }).toEqual({ n: appended, distinct: appended, last: appended });
    expect(await one('SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()')).toEqual({
      deadlocks: 0,
    });
  });

  it('wake each other', async () => {
    const [a, b] = [startProcess(), startProcess()];
    const t = newTenant();
    const woken = new Promise<string | undefined>(
      (resolve) => void b.log.subscribe(resolve).then(() => a.log.append({ streams: [write(t, 's', 'no-stream', 1)] })),
    );
    expect(await woken).toBe(t);
  });

  it('miss hints while the session that listens is gone, and are woken when it is back', async () => {
    const [a, b] = [startProcess(), startProcess('listener')];
    const hints = new Set<string | undefined>();
    let heard = (): void => undefined;
    await b.log.subscribe((tenantId) => {
      hints.add(tenantId);
      heard();
    });
    const hint = (tenantId: string | undefined) =>
      new Promise<void>((resolve) => {
        heard = () => (hints.has(tenantId) ? resolve() : undefined);
        heard();
      });
    await owner.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'listener' AND datname = current_database()`,
    );
    await a.log.append({ streams: [write(newTenant(), 's', 'no-stream', 1)] });
    await hint(undefined); // look everywhere: what was said meanwhile is not known
    const t = newTenant();
    await a.log.append({ streams: [write(t, 's', 'no-stream', 1)] });
    await hint(t);
  });
});

it('writers whose sessions are killed lose nothing that was acknowledged and leave no gap', async () => {
  const t = newTenant();
  const processes = [startProcess('victim'), startProcess('victim'), startProcess('victim')];
  const acknowledged: AppendedStream[] = [];
  const failures: unknown[] = [];
  let writing = true;
  const writers = processes.flatMap(({ log }, p) =>
    Array.from({ length: 6 }, async (_, w) => {
      for (let n = 0; n < 60; n += 1)
        await log.append({ streams: [write(t, `w-${p}-${w}`, 'any', 2), write(t, 'hot', 'any', 1)] }).then(
          (appended) => acknowledged.push(...appended),
          (error: unknown) => failures.push(error),
        );
    }),
  );
  const killer = (async () => {
    while (writing)
      await owner.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'victim' AND datname = current_database() AND state = 'active' ORDER BY random() LIMIT 1`,
      );
  })();
  const { log: reader } = startProcess();
  const seen: number[] = [];
  const reading = (async () => {
    for (;;) {
      const last = !writing;
      const page = await reader.readTenant(t, seen.length, 500);
      seen.push(...page.map(({ sequence }) => sequence));
      if (last && page.length === 0) return;
    }
  })();
  await Promise.all(writers);
  writing = false;
  await Promise.all([killer, reading]);
  expect(failures.length).toBeGreaterThan(0);
  for (const error of failures) expect(error).toBeInstanceOf(EventLogUnavailable);
  expect(seen).toEqual(seen.map((_, i) => i + 1));
  const stored = await owner.query<{ place: string }>(
    `SELECT stream_name || ' ' || revision || ' ' || sequence AS place FROM events WHERE tenant_id = $1`,
    [t],
  );
  const places = new Set(stored.rows.map(({ place }) => place));
  expect(places.size).toBe(seen.length);
  expect(acknowledged.filter((a) => !places.has(`${a.streamName} ${a.revision} ${a.sequence}`))).toEqual([]);
});

describe('a batch', () => {
  let pool: Pool;
  let log: PostgresEventLog;
  beforeEach(() => {
    ({ pool, log } = startProcess());
  });

  it('is one statement, whatever the number of requests, tenants and conflicts', async () => {
    const tenants = Array.from({ length: 20 }, () => newTenant());
    await log.append({ streams: [write(tenants[0] ?? '', 'taken', 'no-stream', 1)] });
    let statements = 0;
    pool.on('acquire', () => (statements += 1)); // an append takes a connection for its one statement
    await Promise.allSettled(
      tenants.flatMap((t, n) => [
        log.append({ streams: [write(t, n === 0 ? 'taken' : 'free', 'no-stream', 1)] }),
        log.append({ streams: [write(t, 'second', 'no-stream', 1)] }),
      ]),
    );
    expect(statements - 1).toBe(1); // the other is the hint to other processes
  });

  it('loses only the request that the database refuses', async () => {
    const t = newTenant();
    const attempts = await Promise.allSettled(
      Array.from({ length: 30 }, (_, n) =>
        log.append({ streams: [write(t, n === 11 ? 'a name with \u0000' : `fine-${n}`, 'no-stream', 1)] }),
      ),
    );
    expect(attempts.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([11]);
    expect(await log.head(t)).toBe(29);
  });

  it('is left by a request that is too large before it is sent', async () => {
    const small = new PostgresEventLog(pool, { maxRequestBytes: 2_000 });
    const large = { ...eventOf(), data: { note: 'x'.repeat(2_000) } };
    const streams = [{ tenantId: newTenant(), streamName: 's', expected: 'no-stream' as const, events: [large] }];
    await expect(small.append({ streams })).rejects.toThrow(AppendTooLarge);
    await small.close();
  });

  it('refuses a request that names a stream twice or has a tenant that is none', async () => {
    const t = newTenant();
    await expect(log.append({ streams: [write(t, 's', 'any', 1), write(t, 's', 'any', 1)] })).rejects.toThrow(
      RangeError,
    );
    await expect(log.append({ streams: [write(`${t},other`, 's', 'any', 1)] })).rejects.toThrow(RangeError);
  });
});

it('a server that cannot be reached is said to be unavailable', async () => {
  const nowhere = new URL(database.ownerUrl);
  nowhere.port = '1';
  const { log, pool } = startProcess('nowhere', nowhere.href);
  await expect(log.append({ streams: [write('t', 's', 'any', 1)] })).rejects.toThrow(EventLogUnavailable);
  await expect(log.head('t')).rejects.toThrow(EventLogUnavailable);
  await expect(log.readTenant('t', 0, 1)).rejects.toThrow(EventLogUnavailable);
  await expect(new PostgresEdgeIndex(pool).sources('t', 'u', 1)).rejects.toThrow(EventLogUnavailable);
});

describe('subject keys', () => {
  const key = (tenantId: string, subjectId: string) => ({
    tenantId,
    subjectId,
    wrappedKey: Uint8Array.of(0, 1, 254, 255),
    tenantKeyVersion: 3,
  });

  it('are stored with the append, and not when it conflicts', async () => {
    const { log } = startProcess();
    const t = newTenant();
    await log.append({ streams: [write(t, 's', 'no-stream', 1)], subjectKeys: [key(t, 'one')] });
    const refused = log.append({ streams: [write(t, 's', 'no-stream', 1)], subjectKeys: [key(t, 'two')] });
    await expect(refused).rejects.toThrow(ConcurrencyConflict);
    const { rows } = await owner.query(
      'SELECT subject_id, wrapped_key, tenant_key_version FROM subject_keys WHERE tenant_id = $1',
      [t],
    );
    expect(rows).toEqual([{ subject_id: 'one', wrapped_key: Buffer.of(0, 1, 254, 255), tenant_key_version: 3 }]);
  });

  it('are never replaced: a second key for a subject fails its append', async () => {
    const { log } = startProcess();
    const t = newTenant();
    await log.append({ streams: [write(t, 's', 'no-stream', 1)], subjectKeys: [key(t, 'one')] });
    const again = log.append({ streams: [write(t, 'other', 'no-stream', 1)], subjectKeys: [key(t, 'one')] });
    await expect(again).rejects.toThrow(/duplicate key/);
    expect(await log.head(t)).toBe(1);
  });
});

describe('the wall between tenants', () => {
  const TABLES = ['events', 'streams', 'subject_keys', 'edges', 'past_edges', 'gone_sources', 'snapshots'];

  it('stands around every table of the log', async () => {
    const { rows } = await owner.query<{ relname: string }>(
      `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relrowsecurity AND relforcerowsecurity`,
    );
    expect(rows.map(({ relname }) => relname).sort()).toEqual([...TABLES, 'tenant_heads'].sort());
  });

  it('shows nothing to a query without tenant, and only its own to a tenant', async () => {
    const { pool, log } = startProcess();
    const [t, other] = [newTenant(), newTenant()];
    for (const tenant of [t, other])
      await log.append({
        streams: [
          edgeWrite(
            tenant,
            'g',
            {
              kind: 'added',
              source: 'g',
              targets: [
                { id: 'u', kind: 'User' },
                { id: 'v', kind: 'User' },
              ],
            },
            { kind: 'removed', source: 'g', targetIds: ['u'] },
            { kind: 'source-gone', source: 'g' },
          ),
        ],
        subjectKeys: [{ tenantId: tenant, subjectId: 'g', wrappedKey: Uint8Array.of(1), tenantKeyVersion: 1 }],
      });
    const tenants = new TenantDatabase(pool);
    const snapshots = new PostgresSnapshotStore(tenants);
    for (const tenant of [t, other]) await snapshots.save(snapshotOf(tenant, { subjectId: 'g' }));
    for (const table of TABLES) {
      expect((await pool.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
      const { rows } = await tenants.query<{ tenant_id: string }>(t, {
        text: `SELECT DISTINCT tenant_id FROM ${table}`,
      });
      expect({ table, rows }).toEqual({ table, rows: [{ tenant_id: t }] });
    }
  });

  it('keeps what is written: the service role can change or remove no event', async () => {
    const { pool, log } = startProcess();
    const t = newTenant();
    await log.append({ streams: [write(t, 's', 'no-stream', 1)] });
    const tenants = new TenantDatabase(pool);
    for (const text of [`UPDATE events SET type = 'Other'`, 'DELETE FROM events', 'TRUNCATE events'])
      await expect(tenants.query(t, { text })).rejects.toThrow(/permission denied/);
  });
});

it('a group of 20,000 takes one more member with as many rows touched as a group of 10', async () => {
  const { log } = startProcess();
  const touched: unknown[] = [];
  for (const size of [10, 20_000]) {
    const t = newTenant();
    for (let from = 0; from < size; from += 500) {
      const targets = Array.from({ length: Math.min(500, size - from) }, (_, i) => ({
        id: `u-${from + i}`,
        kind: 'User' as const,
      }));
      await log.append({ streams: [edgeWrite(t, 'g', { kind: 'added', source: 'g', targets })] });
    }
    const changes = [
      { kind: 'added' as const, source: 'g', targets: [{ id: 'new', kind: 'User' as const }] },
      { kind: 'removed' as const, source: 'g', targetIds: ['u-7'] },
    ];
    const statement = appendStatement([
      prepareAppend({ streams: [edgeWrite(t, 'g', ...changes)] }, { maxRequestBytes: 1e6 }),
    ]);
    const session = new pg.Client({ connectionString: database.ownerUrl }); // its statistics start at nothing
    await session.connect();
    await session.query('BEGIN');
    await session.query({ text: statement.text, values: statement.values });
    touched.push(
      (
        await session.query(
          `SELECT relname, seq_tup_read::int, idx_tup_fetch::int, n_tup_ins::int, n_tup_upd::int, n_tup_del::int
           FROM pg_stat_xact_user_tables WHERE seq_tup_read + idx_tup_fetch + n_tup_ins + n_tup_upd + n_tup_del > 0 ORDER BY relname`,
        )
      ).rows,
    );
    await session.query('COMMIT');
    await session.end();
  }
  expect(touched[1]).toEqual(touched[0]);
  expect(touched[0]).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ relname: 'edges', seq_tup_read: 0, n_tup_ins: 1, n_tup_del: 1 }),
    ]),
  );
});
