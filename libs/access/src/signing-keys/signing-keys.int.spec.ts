import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { LocalMasterKey } from '#encryption';
import { createServiceDataSource } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { accessEntities } from '../rows/control-rows.js';
import { accessMigrations } from '../rows/create-control-plane.migration.js';
import { localKeys } from './local-keys.js';
import { SigningKeys } from './signing-keys.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const start = Date.parse('2026-11-21T12:00:00Z');
let testDatabase: TestDatabase;
let database: DataSource;
const clock = { now: start };

beforeEach(async () => {
  testDatabase = await createTestDatabase(accessMigrations);
  database = createServiceDataSource({ url: testDatabase.ownerUrl, entities: accessEntities, applicationName: 'test' });
  await database.initialize();
  clock.now = start;
});
afterEach(async () => {
  await database.destroy();
  await testDatabase.drop();
});

const master = new LocalMasterKey(randomBytes(32).toString('base64'));
const replica = (management = master) => new SigningKeys(database, management, () => new Date(clock.now));

it('replicas that start at once agree on one key', async () => {
  const sets = await Promise.all(Array.from({ length: 5 }, () => replica().refresh()));
  expect(new Set(sets.map(({ signingKid }) => signingKid)).size).toBe(1);
  expect(sets[0]?.keys).toHaveLength(1);
});

it('the next key is published a day before it signs, the old one until its last token is dead', async () => {
  const keys = replica();
  const first = await keys.refresh();
  const kids = async () => {
    const set = await keys.refresh();
    return { signing: set.signingKid, published: set.keys.map(({ kid }) => kid) };
  };
  clock.now = start + 89 * DAY;
  const { signing, published } = await kids();
  expect([signing, published.length]).toEqual([first.signingKid, 2]);
  expect(published[0]).toBe(first.signingKid);
  const next = published[1];

  clock.now = start + 90 * DAY;
  expect(await kids()).toEqual({ signing: next, published: [next, first.signingKid] });
  clock.now = start + 90 * DAY + 2 * HOUR;
  expect(await kids()).toEqual({ signing: next, published: [next] });
});

it('a process that has the keys at hand verifies with them, and learns of a new one', async () => {
  const time = { ms: 0 };
  const find = localKeys(replica(), () => time.ms);
  const first = await replica().refresh();
  const jwk = (await find({ alg: 'RS256', kid: first.signingKid })).export({ format: 'jwk' });
  expect(jwk).toEqual({ kty: 'RSA', n: first.keys[0]?.n, e: first.keys[0]?.e });
  clock.now = start + 90 * DAY;
  const next = (await replica().refresh()).keys.find(({ kid }) => kid !== first.signingKid)?.kid ?? '';
  await expect(find({ alg: 'RS256', kid: next })).rejects.toMatchObject({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
  time.ms = 2000;
  await expect(find({ alg: 'RS256', kid: next })).resolves.toMatchObject({ type: 'public' });
});

it('private keys cannot be read from the database', async () => {
  const { keys } = await replica().refresh();
  const dump = JSON.stringify(await database.query('SELECT t::text FROM signing_keys t'));
  for (const part of ['d', 'p', 'q'] as const) {
    const hex = Buffer.from(String(keys[0]?.[part])).toString('hex');
    expect(dump).not.toContain(String(keys[0]?.[part]));
    expect(dump).not.toContain(hex);
  }
});

it('another master key is refused by name, and makes no new key', async () => {
  await replica().refresh();
  const other = new LocalMasterKey(randomBytes(32).toString('base64'));
  await expect(replica(other).refresh()).rejects.toMatchObject({ code: 'unknown-master-key' });
  expect(await database.query('SELECT kid FROM signing_keys')).toHaveLength(1);
});
