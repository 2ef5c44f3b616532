import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import {
  createServicePool,
  runMigrations,
  TenantDatabase,
  tenantWall,
  type Migration,
  type MigrationRunner,
} from './index.js';

class CreateNotes1700000000001 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('CREATE TABLE notes (tenant_id text NOT NULL)');
    for (const statement of tenantWall('notes')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT ON notes TO rollcall_service');
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE notes');
  }
}

let database: TestDatabase;
let superuser: pg.Client;
let logins: string[];
beforeEach(async () => {
  database = await createTestDatabase([]);
  superuser = new pg.Client({ connectionString: database.ownerUrl });
  await superuser.connect();
  await superuser.query('DROP TABLE schema_migrations'); // the template's, which the superuser owns
  logins = [];
});
afterEach(async () => {
  await superuser.end();
  const server = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] });
  await server.connect();
  await database.drop();
  for (const login of logins) await server.query(`DROP ROLE ${login}`);
  await server.end();
});

/** A login that is no superuser, and its URL. */
const login = async (attributes = ''): Promise<{ name: string; url: string }> => {
  const name = `login_${randomBytes(4).toString('hex')}`;
  await superuser.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret' ${attributes}`);
  logins.push(name);
  const url = new URL(database.ownerUrl);
  url.username = name;
  url.password = 'secret';
  return { name, url: url.href };
};

const writesAndReads = async (url: string): Promise<void> => {
  const pool = createServicePool({ url, applicationName: 'test' });
  try {
    const tenants = new TenantDatabase(pool);
    await tenants.query('acme', { text: `INSERT INTO notes VALUES ('acme')` });
    expect((await tenants.query('acme', { text: 'SELECT * FROM notes' })).rows).toEqual([{ tenant_id: 'acme' }]);
    expect((await tenants.query('globex', { text: 'SELECT * FROM notes' })).rows).toEqual([]);
  } finally {
    await pool.end();
  }
};

it('an owner without rights over roles migrates, and services log in with a login of their own', async () => {
  const [owner, service] = [await login(), await login()];
  await superuser.query(`ALTER SCHEMA public OWNER TO ${owner.name}`);
  await superuser.query(`GRANT rollcall_service TO ${service.name}`);
  await runMigrations(owner.url, [CreateNotes1700000000001]);
  await writesAndReads(service.url);
});

it('one login without superuser rights can do both, and the wall stands before the owner too', async () => {
  const { name, url } = await login();
  await superuser.query(`ALTER SCHEMA public OWNER TO ${name}`);
  await superuser.query(`GRANT rollcall_service TO ${name}`);
  await runMigrations(url, [CreateNotes1700000000001]);
  await writesAndReads(url);
  const asOwner = new pg.Client({ connectionString: url });
  await asOwner.connect();
  expect((await asOwner.query('SELECT * FROM notes')).rows).toEqual([]);
  await asOwner.end();
});

it('a login that may not take the role cannot connect as a service', async () => {
  const { url } = await login();
  const pool = createServicePool({ url, applicationName: 'test' });
  await expect(pool.query('SELECT 1')).rejects.toThrow(/permission denied to set role/);
  await pool.end();
});
