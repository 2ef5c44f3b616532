import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { userStream, type RuledUserCommand } from '#directory';
import { userSchema as schema } from '#scim';
import { createTestDatabase, newTenant, someMetadata, type TestDatabase } from '#testing';
import { loadSettings } from '../config/settings.js';
import { createLogger } from '../observability/logger.js';
import { migrate } from './migrate.js';
import { openStores, type Stores } from './stores.js';

jest.setTimeout(120_000);

const CHANGES = 130;
const options = { masterKey: randomBytes(32).toString('base64'), service: 'snapshots' };
const t = newTenant();
let database: TestDatabase;
let owner: pg.Client;

const start = (): Stores =>
  openStores(
    loadSettings({}, 'standalone'),
    { ...options, databaseUrl: database.ownerUrl },
    createLogger('silent', 'test'),
  );
const snapshots = async () =>
  (await owner.query<{ revision: number; sealed: string }>('SELECT * FROM snapshots WHERE tenant_id = $1', [t])).rows;

beforeAll(async () => {
  database = await createTestDatabase([]);
  await migrate(database.ownerUrl);
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

it('a user with a long past is folded from a snapshot, and erasing the user takes it along', async () => {
  const writer = start();
  const run = (command: RuledUserCommand) =>
    writer.runner.run(userStream, { tenantId: t, resourceId: 'u1', command, metadata: someMetadata() });
  await run({ type: 'CreateUser', data: { attributes: { userName: 'bjensen' }, active: true } });
  for (let n = 1; n < CHANGES; n += 1)
    await run({
      type: 'PatchUser',
      data: { operations: [{ op: 'replace', path: 'title', value: `Guide ${n}` }], schema },
    });
  await writer.close(); // with what was being kept
  const kept = await snapshots();
  expect(kept).toHaveLength(1);
  expect(Buffer.from(kept[0]?.sealed ?? '', 'base64url').includes('bjensen')).toBe(false);

  const reader = start();
  expect(await reader.runner.read(userStream, t, 'u1')).toMatchObject({
    state: { attributes: { userName: 'bjensen', title: `Guide ${CHANGES - 1}` } },
    revision: CHANGES - 1,
  });
  await reader.sealer.eraseSubject(t, 'u1');
  expect(await snapshots()).toEqual([]);
  expect(await reader.runner.read(userStream, t, 'u1')).toMatchObject({ erased: true, revision: CHANGES - 1 });
  await reader.close();
  expect(await snapshots()).toEqual([]);
});
