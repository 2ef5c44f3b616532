import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg, { type Pool } from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import { createServiceDataSource, createServicePool } from './index.js';

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase([]);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

/** A connection is taken, then lost while nobody asks it anything: the moment in which pg would end the process. */
const loseOne = async (pool: Pool): Promise<void> => {
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  const lost = new Promise((resolve) => client.once('end', resolve));
  await owner.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
  await lost;
  await expect(client.query('SELECT 1')).rejects.toThrow();
  client.release();
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
};

it('a service pool survives the loss of a connection that is taken and idle', async () => {
  const pool = createServicePool({ url: database.ownerUrl, applicationName: 'test', max: 1 });
  await loseOne(pool);
  await pool.end();
});

it('a data source survives it too', async () => {
  const source = createServiceDataSource({ url: database.ownerUrl, entities: [], applicationName: 'test', max: 1 });
  await source.initialize();
  await loseOne((source.driver as unknown as { master: Pool }).master);
  await source.destroy();
});
