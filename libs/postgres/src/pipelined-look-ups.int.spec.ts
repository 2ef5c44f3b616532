import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { PipelinedLookUps, tenantWall, type Migration, type MigrationRunner } from './index.js';

class CreateNotes1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE notes (tenant_id text COLLATE "C" NOT NULL, id int NOT NULL, PRIMARY KEY (tenant_id, id))',
    );
    for (const statement of tenantWall('notes')) await runner.query(statement);
    await runner.query(
      `INSERT INTO notes SELECT t, i FROM unnest('{acme,globex}'::text[]) t, generate_series(1, 50) i`,
    );
    await runner.query('GRANT SELECT ON notes TO rollcall_service');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

let database: TestDatabase;
let owner: pg.Client;
let lookUps: PipelinedLookUps;

beforeAll(async () => {
  database = await createTestDatabase([CreateNotes1700000000001]);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
beforeEach(() => {
  lookUps = new PipelinedLookUps({ url: database.ownerUrl, applicationName: 'look-ups-spec' });
});
afterEach(() => lookUps.end());
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** Unfiltered by tenant on purpose: only the policy keeps the other tenant's row away. */
const NOTE = { name: 'note', text: 'SELECT tenant_id, id FROM notes WHERE id = $1' };
const note = async (tenant: string, id: number) => (await lookUps.query(tenant, { ...NOTE, values: [id] })).rows;
const connections = async (): Promise<number> => {
  const { rows } = await owner.query<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name = 'look-ups-spec'`,
  );
  return rows.length;
};
const breakConnections = () =>
  owner.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'look-ups-spec'`);

describe('pipelined look-ups', () => {
  it('answer each tenant with its own rows, however many are on the way at once, on two connections', async () => {
    const wanted = Array.from({ length: 1000 }, (_, i) => ({
      tenant: i % 2 === 0 ? 'acme' : 'globex',
      id: (i % 50) + 1,
    }));
    const answers = await Promise.all(wanted.map(({ tenant, id }) => note(tenant, id)));
    expect(answers).toEqual(wanted.map(({ tenant, id }) => [{ tenant_id: tenant, id }]));
    expect(await connections()).toBe(2);
  });

  it('leave no tenant behind on the connection', async () => {
    await note('acme', 1);
    const asked = { text: `SELECT coalesce(current_setting('app.tenant_id', true), '') AS tenant` };
    expect((await lookUps.query('globex', asked)).rows).toEqual([{ tenant: 'globex' }]);
    await expect(lookUps.query('', asked)).rejects.toThrow(RangeError);
  });

  it('fail alone: those sent before and after on the same connection are answered', async () => {
    const one = new PipelinedLookUps({ url: database.ownerUrl, applicationName: 'look-ups-spec', lanes: 1 });
    const ask = (id: number) => one.query('acme', { ...NOTE, values: [id] });
    const division = { text: 'SELECT 1 / $1::int AS result', values: [0] };
    const [before, failed, after] = await Promise.allSettled([ask(1), one.query('acme', division), ask(2)]);
    await one.end();
    expect([before.status, failed.status, after.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('tell those who wait when the connection breaks, and open another for the next', async () => {
    const waiting = Promise.allSettled([1, 2, 3, 4].map(() => lookUps.query('acme', { text: 'SELECT pg_sleep(60)' })));
    while ((await connections()) < 2) await new Promise(setImmediate);
    await breakConnections();
    expect((await waiting).map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => 'rejected'));
    expect(await note('acme', 7)).toEqual([{ tenant_id: 'acme', id: 7 }]);
  });

  it('hear of a database that cannot be reached, and of one that can be again', async () => {
    const { port } = new URL(database.ownerUrl);
    const closed = new PipelinedLookUps({
      url: database.ownerUrl.replace(`:${port}/`, ':1/'),
      applicationName: 'look-ups-spec',
    });
    await expect(closed.query('acme', NOTE)).rejects.toThrow(/ECONNREFUSED/);
    await expect(closed.query('acme', NOTE)).rejects.toThrow(/ECONNREFUSED/); // asked anew, not remembered
    await closed.end();
  });

  it('end after what is under way has its answer', async () => {
    const answers = Promise.all([note('acme', 1), note('globex', 2)]);
    await lookUps.end();
    expect((await answers).flat()).toHaveLength(2);
    expect(await connections()).toBe(0);
  });
});
