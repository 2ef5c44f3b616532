import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '#testing';
import pg from 'pg';
import { runMigrations, type Migration, type MigrationRunner } from './index.js';

class CreateLetters1700000000001 implements Migration {
  up = async (runner: MigrationRunner) => void (await runner.query('CREATE TABLE letters (letter text)'));
  down = async (runner: MigrationRunner) => void (await runner.query('DROP TABLE letters'));
}

class FillLetters1700000000002 implements Migration {
  up = async (runner: MigrationRunner) => void (await runner.query(`INSERT INTO letters VALUES ('a')`));
  down = async (runner: MigrationRunner) => void (await runner.query('DELETE FROM letters'));
}

class Wrong1700000000003 implements Migration {
  up = async (runner: MigrationRunner) => {
    await runner.query(`INSERT INTO letters VALUES ('b')`);
    await runner.query('INSERT INTO nowhere VALUES (1)');
  };
  down = async () => undefined;
}

const steps = [CreateLetters1700000000001, FillLetters1700000000002];

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase([]);
});
afterEach(() => database.drop());

const letters = async (): Promise<string[]> => {
  const client = new pg.Client({ connectionString: database.ownerUrl });
  await client.connect();
  const { rows } = await client.query<{ letter: string }>('SELECT letter FROM letters ORDER BY letter');
  await client.end();
  return rows.map(({ letter }) => letter);
};

it('processes that start at once run each migration once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => runMigrations(database.ownerUrl, steps)));
  expect(await letters()).toEqual(['a']);
});

it('a second run adds what is new', async () => {
  await runMigrations(database.ownerUrl, steps.slice(0, 1));
  await runMigrations(database.ownerUrl, steps);
  expect(await letters()).toEqual(['a']);
});

it('a migration that fails leaves nothing of itself, and those before it stay', async () => {
  await expect(runMigrations(database.ownerUrl, [...steps, Wrong1700000000003])).rejects.toThrow(/nowhere/);
  expect(await letters()).toEqual(['a']);
});
