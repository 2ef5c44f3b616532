import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventEmitter } from 'node:events';
import { createTestDatabase, type TestDatabase } from '#testing';
import pg, { type Pool } from 'pg';
import { createServicePool, TenantDatabase, tenantWall, type Migration, type MigrationRunner } from './index.js';

class CreateNotes1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE notes (tenant_id text COLLATE "C" NOT NULL, id int NOT NULL, body text, PRIMARY KEY (tenant_id, id))`,
    );
    for (const statement of tenantWall('notes')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT ON notes TO rollcall_service');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

let database: TestDatabase;
let pool: Pool;
let tenants: TenantDatabase;

beforeAll(async () => {
  database = await createTestDatabase([CreateNotes1700000000001]);
  pool = createServicePool({ url: database.ownerUrl, applicationName: 'test', max: 3 });
  tenants = new TenantDatabase(pool);
  for (const tenant of ['acme', 'globex'])
    for (const id of [1, 2, 3])
      await tenants.query(tenant, { text: 'INSERT INTO notes VALUES ($1, $2, $1)', values: [tenant, id] });
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const asOwner = async (): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  return client;
};

const createTable = async (name: string): Promise<void> => {
  const owner = await asOwner();
  await owner.query(`CREATE TABLE ${name} (body text)`);
  await owner.query(`GRANT SELECT ON ${name} TO rollcall_service`);
  await owner.end();
};

const bodies = async (tenant: string, text = 'SELECT body FROM notes ORDER BY id') =>
  (await tenants.query<{ body: string }>(tenant, { text })).rows.map(({ body }) => body);

describe('the service role', () => {
  it('is what every connection works as, though the login is a superuser', async () => {
    const { rows } = await pool.query('SELECT current_user AS role, session_user = current_user AS same');
    expect(rows).toEqual([{ role: 'rollcall_service', same: false }]);
  });

  it('can neither bypass policies nor log in', async () => {
    const { rows } = await pool.query(
      `SELECT rolsuper, rolbypassrls, rolcanlogin, rolcreaterole FROM pg_roles WHERE rolname = current_user`,
    );
    expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcanlogin: false, rolcreaterole: false }]);
  });
});

describe('a tenant', () => {
  it('sees its own rows and no others', async () => {
    expect(await bodies('acme')).toEqual(['acme', 'acme', 'acme']);
    expect(await bodies('globex')).toEqual(['globex', 'globex', 'globex']);
  });

  it('cannot write rows of another', async () => {
    const values = ['globex', 9];
    await expect(tenants.query('acme', { text: 'INSERT INTO notes VALUES ($1, $2)', values })).rejects.toThrow(
      /row-level security/,
    );
  });

  it('is needed: a query without one returns nothing', async () => {
    expect((await pool.query('SELECT * FROM notes')).rows).toEqual([]);
    await expect(tenants.query('', { text: 'SELECT 1' })).rejects.toThrow(RangeError);
  });

  it('is unknown again to the connection as soon as its statement ends, also when it failed', async () => {
    await expect(tenants.query('acme', { text: 'SELECT 1 / 0' })).rejects.toThrow(/division by zero/);
    await bodies('acme');
    const counts = await Promise.all([1, 2, 3].map(() => pool.query('SELECT count(*)::int AS n FROM notes')));
    expect(counts.map(({ rows }) => rows[0] as unknown)).toEqual([{ n: 0 }, { n: 0 }, { n: 0 }]);
  });

  it('may be any text, for it is passed as a value', async () => {
    const hostile = `acme', true); SELECT set_config('app.tenant_id', 'globex`;
    expect(await bodies(hostile)).toEqual([]);
    await tenants.transaction(hostile, async (transaction) =>
      expect((await transaction.query({ text: 'SELECT * FROM notes' })).rows).toEqual([]),
    );
  });
});

it('setting the tenant costs no round trip: pg writes once and waits once', async () => {
  const client = await pool.connect();
  const ready: unknown[] = [];
  const { connection } = client as unknown as { connection: EventEmitter };
  connection.on('readyForQuery', (message: unknown) => ready.push(message));
  client.release(); // the pool hands out what came back last
  await bodies('acme');
  expect(ready).toHaveLength(1);
});

it('a named statement is prepared once and answers every tenant with its own rows', async () => {
  const statement = { name: 'all-notes', text: 'SELECT body FROM notes WHERE id = $1', values: [1] };
  for (const tenant of ['acme', 'globex', 'acme', 'globex', 'acme', 'globex', 'acme'])
    expect((await tenants.query(tenant, statement)).rows).toEqual([{ body: tenant }]);
});

it('a named statement that did not parse is parsed again when it can be', async () => {
  const statement = { name: 'later', text: 'SELECT body FROM later' };
  await expect(tenants.query('acme', statement)).rejects.toThrow(/relation .* does not exist/);
  await createTable('later');
  expect((await tenants.query('acme', statement)).rows).toEqual([]);
});

describe('a transaction', () => {
  it('keeps what its work did, for its tenant only', async () => {
    await tenants.transaction('initech', async (transaction) => {
      await transaction.query({ text: `INSERT INTO notes VALUES ('initech', 1, 'initech')` });
      expect((await transaction.query({ text: 'SELECT body FROM notes' })).rows).toEqual([{ body: 'initech' }]);
    });
    expect(await bodies('initech')).toEqual(['initech']);
    expect(await bodies('acme')).toHaveLength(3);
  });

  it('leaves nothing behind when its work throws', async () => {
    const failing = tenants.transaction('initech', async (transaction) => {
      await transaction.query({ text: `INSERT INTO notes VALUES ('initech', 2)` });
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    expect(await bodies('initech')).toEqual(['initech']);
  });
});

it('two tenants hammering one small pool never see each other, with errors, cancelled queries and killed sessions between', async () => {
  const owner = await asOwner();
  const until = Date.now() + 1_500;
  const seen = { acme: 0, globex: 0, failed: 0 };
  const hammer = async (tenant: 'acme' | 'globex', worker: number) => {
    for (let n = 0; Date.now() < until; n += 1) {
      try {
        if (n % 5 === worker % 5) await tenants.query(tenant, { text: 'SELECT 1 / 0' });
        else if (n % 11 === worker % 11) await bodies(tenant, 'SELECT pg_sleep(0.05), body FROM notes');
        else if (n % 7 === worker % 7)
          await tenants.transaction(tenant, async (transaction) => {
            const { rows } = await transaction.query<{ body: string }>({ text: 'SELECT body FROM notes' });
            expect(new Set(rows.map(({ body }) => body))).toEqual(new Set([tenant]));
            throw new Error('rolled back');
          });
        else {
          expect(await bodies(tenant)).toEqual([tenant, tenant, tenant]);
          seen[tenant] += 1;
        }
      } catch (error) {
        if (error instanceof Error && error.name === 'JestAssertionError') throw error;
        seen.failed += 1;
      }
    }
  };
  const disturb = async () => {
    for (let n = 0; Date.now() < until; n += 1) {
      const act = n % 40 === 0 ? 'pg_terminate_backend' : 'pg_cancel_backend';
      await owner.query(
        `SELECT ${act}(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'test' AND state = 'active' ORDER BY random() LIMIT 1`,
      );
    }
  };
  const workers = [0, 1, 2, 3].flatMap((worker) => [hammer('acme', worker), hammer('globex', worker)]);
  await Promise.all([...workers, disturb()]);
  await owner.end();
  expect(seen.acme).toBeGreaterThan(20);
  expect(seen.globex).toBeGreaterThan(20);
  expect(seen.failed).toBeGreaterThan(20);
});
