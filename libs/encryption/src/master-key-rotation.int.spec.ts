import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { createServicePool, runMigrations, TenantDatabase } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { EnvelopeSealer } from './envelope-sealer.js';
import type { KeyManagement } from './key-management.js';
import { LocalMasterKey } from './local-master-key.js';
import { MasterKeyRing } from './master-key-ring.js';
import { MasterKeyRotation, tenantKeyTable, type RotationProgress } from './master-key-rotation.js';
import { encryptionMigrations } from './migrations/encryption-migrations.js';
import { PostgresKeyStore } from './postgres-key-store.js';

jest.setTimeout(120_000);

const TENANTS = 230; // three portions
const [old, current] = [0, 1].map(() => new LocalMasterKey(randomBytes(32).toString('base64'))) as [
  LocalMasterKey,
  LocalMasterKey,
];
const both = new MasterKeyRing(current, [old]);

let database: TestDatabase;
let superuser: pg.Client;
let login: string;
let owner: pg.Client;
let pool: pg.Pool;
let tenants: TenantDatabase;
let rotation: MasterKeyRotation;

const connect = async (url: string): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};

/** The owner is no superuser: policies hold for it as well. */
beforeEach(async () => {
  database = await createTestDatabase([]);
  superuser = await connect(database.ownerUrl);
  login = `owner_${randomBytes(4).toString('hex')}`;
  await superuser.query('DROP TABLE schema_migrations');
  await superuser.query(`CREATE ROLE ${login} LOGIN PASSWORD 'secret'`);
  await superuser.query(`GRANT CREATE ON SCHEMA public TO ${login}`);
  await superuser.query(`GRANT rollcall_service TO ${login}`);
  const url = new URL(database.ownerUrl);
  [url.username, url.password] = [login, 'secret'];
  await runMigrations(url.href, encryptionMigrations);
  owner = await connect(url.href);
  pool = createServicePool({ url: url.href, applicationName: 'test', max: 4 });
  tenants = new TenantDatabase(pool);
  rotation = new MasterKeyRotation(owner, [tenantKeyTable]);
});
afterEach(async () => {
  await Promise.all([owner.end(), superuser.end(), pool.end()]);
  await database.drop();
  const server = await connect(process.env['TEST_DATABASE_URL'] ?? '');
  await server.query(`DROP ROLE ${login}`);
  await server.end();
});

const processWith = (management: KeyManagement) => new EnvelopeSealer(new PostgresKeyStore(tenants), management);
const tenantId = (n: number) => `t${n}`;
/** A value that depends on a tenant key and on nothing else. */
const hash = (sealer: EnvelopeSealer, n: number) => sealer.claimHash(tenantId(n), 'userName', 'bjensen');
const hashes = (sealer: EnvelopeSealer) => Promise.all(Array.from({ length: TENANTS }, (_, n) => hash(sealer, n)));

const completed = async (run: AsyncIterable<RotationProgress>): Promise<RotationProgress> => {
  let last: RotationProgress | undefined;
  for await (last of run);
  if (last === undefined) throw new Error('It told nothing.');
  return last;
};

it('rewraps the keys of every tenant while services read and make others; then the new master key alone opens all', async () => {
  const before = await hashes(processWith(old));
  const service = processWith(both);
  const run = rotation.run(both);
  for await (const { done } of run) {
    expect(await hash(service, done)).toBe(before[done] ?? (await hash(service, done)));
    await service.claimHash(`new${done}`, 'userName', 'bjensen');
  }
  expect(await hashes(processWith(current))).toEqual(before);
  const uses = await rotation.status();
  expect(uses).toEqual([expect.objectContaining({ table: 'tenant_keys', masterKeyId: current.currentId })]);
  await expect(hash(processWith(old), 0)).rejects.toThrow(`wrapped by the master key ${current.currentId}`);
});

it('goes on after it was cut off, and finds nothing to do when it is repeated', async () => {
  const before = await hashes(processWith(old));
  for await (const { done } of rotation.run(both)) if (done > 0) break;
  const counts = new Map((await rotation.status()).map(({ masterKeyId, keys }) => [masterKeyId, keys]));
  expect(counts).toEqual(
    new Map([
      [current.currentId, 100],
      [old.currentId, TENANTS - 100],
    ]),
  );
  expect(await completed(rotation.run(both))).toEqual({ total: TENANTS - 100, done: TENANTS - 100, broken: [] });
  expect(await completed(rotation.run(both))).toEqual({ total: 0, done: 0, broken: [] });
  expect(await hashes(processWith(current))).toEqual(before);
});

it('changes nothing when a master key in use is not at hand', async () => {
  await hash(processWith(old), 1);
  const stranger = new LocalMasterKey(randomBytes(32).toString('base64'));
  await expect(completed(rotation.run(stranger))).rejects.toThrow(`wrapped by ${old.currentId}`);
  expect(await rotation.status()).toEqual([{ table: 'tenant_keys', masterKeyId: old.currentId, keys: 1 }]);
});

it('tells which keys do not open and rewraps the others', async () => {
  await hashes(processWith(old));
  await superuser.query(`UPDATE tenant_keys SET wrapped_key = '\\x00' WHERE tenant_id = 't5'`);
  const { done, broken } = await completed(rotation.run(both));
  expect([done, broken.map((name) => name.tenantId)]).toEqual([TENANTS - 1, ['t5']]);
});

it('services see which master keys are in use, and nothing of any tenant', async () => {
  await hash(processWith(old), 1);
  await hash(processWith(current), 2);
  await hash(processWith(current), 3);
  const { rows } = await pool.query<{ id: string }>('SELECT master_keys_in_use() AS id');
  expect(rows.map(({ id }) => id)).toEqual([old.currentId, current.currentId].sort());
  expect((await pool.query('SELECT FROM tenant_keys')).rowCount).toBe(0);
  await expect(pool.query('UPDATE tenant_keys SET version = 2')).rejects.toThrow(/permission denied/);
});
