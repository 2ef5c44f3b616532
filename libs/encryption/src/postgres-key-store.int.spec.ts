import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Pool } from 'pg';
import { EventLogUnavailable, type NewSubjectKey } from '#event-sourcing';
import { createServicePool, TenantDatabase, tenantWall, type Migration, type MigrationRunner } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { EnvelopeSealer } from './envelope-sealer.js';
import { LocalMasterKey } from './local-master-key.js';
import { DestroyedKeysWatch } from './destroyed-keys-watch.js';
import type { DestroyedKeys } from './key-store.js';
import { encryptionMigrations } from './migrations/encryption-migrations.js';
import { PostgresKeyStore } from './postgres-key-store.js';

/** What the event log's adapter makes and writes, as much of it as is read here. */
class CreateSubjectKeys1767225600101 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE subject_keys (
        tenant_id text COLLATE "C" NOT NULL, subject_id text COLLATE "C" NOT NULL, wrapped_key bytea NOT NULL,
        tenant_key_version integer NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, subject_id)
      )`);
    for (const statement of tenantWall('subject_keys')) await runner.query(statement);
    await runner.query('GRANT SELECT, INSERT, DELETE ON subject_keys TO rollcall_service');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE subject_keys');
  }
}

const masterKey = randomBytes(32).toString('base64');
const personal = { attributes: { userName: 'bjensen' } };
let database: TestDatabase;
let pool: Pool;
let tenants: TenantDatabase;

beforeAll(async () => {
  database = await createTestDatabase([...encryptionMigrations, CreateSubjectKeys1767225600101]);
  pool = createServicePool({ url: database.ownerUrl, applicationName: 'test', max: 4 });
  tenants = new TenantDatabase(pool);
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

const newProcess = () => new EnvelopeSealer(new PostgresKeyStore(tenants), new LocalMasterKey(masterKey));

const storeKey = ({ tenantId, subjectId, wrappedKey, tenantKeyVersion }: NewSubjectKey) =>
  tenants.query(tenantId, {
    text: 'INSERT INTO subject_keys (tenant_id, subject_id, wrapped_key, tenant_key_version) VALUES ($1, $2, $3, $4)',
    values: [tenantId, subjectId, wrappedKey, tenantKeyVersion],
  });

const sealNew = async (tenantId: string, subjectId: string, data: object = personal) => {
  const { cipher, key } = await newProcess().create(tenantId, subjectId);
  await storeKey(key);
  return { tenantId, subjectId, eventId: 'e1', sealed: cipher.seal('e1', { ...data }) };
};

describe('keys in PostgreSQL', () => {
  it('open in one process what another has sealed, of several tenants in one call', async () => {
    const fields = [
      await sealNew('acme', 'u1', { n: 1 }),
      await sealNew('globex', 'u1', { n: 2 }),
      await sealNew('acme', 'u2', { n: 3 }),
    ];
    expect(await newProcess().open(fields)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it('are made once, however many processes need them first at the same moment', async () => {
    const hashes = await Promise.all(
      Array.from({ length: 12 }, () => newProcess().claimHash('race', 'userName', 'bjensen')),
    );
    expect(new Set(hashes).size).toBe(1);
    const fields = await Promise.all(Array.from({ length: 12 }, (_, n) => sealNew('race', `u${n}`, { n })));
    expect(await newProcess().open(fields)).toEqual(fields.map((_, n) => ({ n })));
    const { rows } = await tenants.query('race', { text: 'SELECT purpose, version FROM tenant_keys ORDER BY 1' });
    expect(rows).toEqual([
      { purpose: 'claims', version: 1 },
      { purpose: 'data', version: 1 },
    ]);
  });

  it('are not seen without a tenant, nor by another one', async () => {
    await sealNew('walled', 'u1');
    for (const table of ['tenant_keys', 'subject_keys']) {
      expect((await pool.query(`SELECT * FROM ${table}`)).rows).toEqual([]);
      const { rows } = await tenants.query('other', { text: `SELECT * FROM ${table} WHERE tenant_id = 'walled'` });
      expect(rows).toEqual([]);
    }
  });

  it('cannot be changed by a service, only made and destroyed', async () => {
    await sealNew('fixed', 'u1');
    const update = { text: 'UPDATE tenant_keys SET version = 2' };
    await expect(tenants.query('fixed', update)).rejects.toThrow(/permission denied/);
  });

  it('once erased leave a subject unreadable for good, and every other one readable', async () => {
    const [gone, kept, namesake] = [
      await sealNew('erasing', 'u1'),
      await sealNew('erasing', 'u2'),
      await sealNew('beside', 'u1'),
    ];
    const process = newProcess();
    expect(await process.eraseSubject('erasing', 'u1')).toBe(true);
    expect(await process.eraseSubject('erasing', 'u1')).toBe(false);
    expect(await newProcess().open([gone, kept, namesake])).toEqual([undefined, personal, personal]);
    expect(await newProcess().subject('erasing', 'u1')).toBeUndefined();
  });

  it('of an erased tenant are gone for good, those of its subjects worth nothing, and none is made again', async () => {
    const gone = await sealNew('leaving', 'u1');
    const kept = await sealNew('staying', 'u1');
    await newProcess().eraseTenant('leaving');
    expect(await newProcess().open([gone, kept])).toEqual([undefined, personal]);
    await expect(newProcess().create('leaving', 'u2')).rejects.toThrow(/destroyed/);
    await expect(newProcess().claimHash('leaving', 'userName', 'bjensen')).rejects.toThrow(/destroyed/);
    expect((await tenants.query('leaving', { text: 'SELECT FROM tenant_keys' })).rowCount).toBe(0);
  });

  it('that were destroyed are told to every process, once', async () => {
    const told: DestroyedKeys[] = [];
    const watch = new DestroyedKeysWatch(new PostgresKeyStore(tenants), (keys) => told.push(keys));
    await watch.look();
    told.length = 0;
    await sealNew('telling', 'u1');
    await newProcess().eraseSubject('telling', 'u1');
    await newProcess().eraseTenant('telling');
    await watch.look();
    await watch.look();
    expect(told).toHaveLength(2);
    expect(told).toEqual(
      expect.arrayContaining([
        { tenantId: 'telling', subjectId: 'u1' },
        { tenantId: 'telling', subjectId: undefined },
      ]),
    );
  });

  it('of a page are looked up by index under the policy', async () => {
    const { rows } = await tenants.transaction('leaving', async (transaction) => {
      await transaction.query({ text: 'SET LOCAL enable_seqscan = off' });
      return transaction.query<Record<'QUERY PLAN', string>>({
        text: `EXPLAIN SELECT wrapped_key FROM subject_keys WHERE tenant_id = 'leaving' AND subject_id = ANY ('{u1,u2}')`,
      });
    });
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*subject_id = ANY/);
  });

  it('out of reach are told apart from destroyed', async () => {
    const lost = new TenantDatabase(pool);
    lost.query = () => Promise.reject(new Error('Connection terminated unexpectedly'));
    const away = new EnvelopeSealer(new PostgresKeyStore(lost), new LocalMasterKey(masterKey));
    await expect(away.subject('acme', 'u1')).rejects.toThrow(EventLogUnavailable);
  });

  it('do not open under another master key, and the error says which one is wanted', async () => {
    await sealNew('restored', 'u1');
    const other = new EnvelopeSealer(
      new PostgresKeyStore(tenants),
      new LocalMasterKey(randomBytes(32).toString('base64')),
    );
    await expect(other.create('restored', 'u2')).rejects.toThrow(/wrapped by the master key local:[0-9a-f]{16}/);
  });
});
