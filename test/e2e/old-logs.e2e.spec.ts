import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { KafkajsAdapter, type ReceivedRecord } from '#kafka';
import { runMigrations } from '#postgres';
import { allMigrations } from '#runtime';
import { createTestDatabase } from '#testing';
import { dumpLog, putLog, readOldLog, writeOldLog, type OldLog, type Told } from '../old-logs/old-log.js';
import { live } from '../old-logs/old-life.js';
import { settled } from './backed-up-tables.js';
import { send, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(300_000);

/** Of the systems that the suites start. */
const PARTITIONS = 3;
const TOPICS = ['changes.v1', 'users.v1', 'groups.v1', 'memberships.v1'];

/** Every user and group of a tenant, as a client sees it now. */
const resourcesOf = async (system: RunningSystem, tenantId: string) => {
  const issued = await send(`${system.url}/admin/v1/tenants/${tenantId}/tokens`, {
    method: 'POST',
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    body: { name: 'reader', expiresInDays: 1 },
  });
  const found = async (type: string): Promise<readonly unknown[]> => {
    const { status, body } = await send(`${system.url}/t/${tenantId}/scim/v2/${type}?count=200`, {
      token: issued.body.token,
    });
    expect(status).toBe(200);
    const text = JSON.stringify(body.Resources).replaceAll(system.url, '{url}');
    return (JSON.parse(text) as Body[]).sort((a, b) => (a.id < b.id ? -1 : 1));
  };
  return { Users: await found('Users'), Groups: await found('Groups') };
};

/** What is on the topics now, committed records only; order holds within a tenant, so tenants stand one after the other. */
const recordsOf = async (system: RunningSystem): Promise<Told['records']> => {
  const kafka = new KafkajsAdapter({ brokers: [...system.kafkaBrokers], clientId: 'old-logs' });
  const records: Record<string, ReceivedRecord[]> = {};
  try {
    for (const topic of TOPICS)
      for (let partition = 0; partition < PARTITIONS; partition += 1)
        await kafka.readToEnd(`${system.topicPrefix}.${topic}`, partition, (record) => {
          (records[topic] ??= []).push(record);
        });
  } finally {
    await kafka.close();
  }
  return Object.fromEntries(TOPICS.map((topic) => [topic, inOrder(records[topic] ?? []).map(toldRecord)]));
};

const inOrder = (records: readonly ReceivedRecord[]): readonly ReceivedRecord[] => {
  const byTenant = Map.groupBy(records, ({ headers }) => headers['ce_tenantid'] ?? '');
  return [...byTenant.keys()].sort().flatMap((tenantId) => byTenant.get(tenantId) ?? []);
};

const toldRecord = ({ key, value, headers }: ReceivedRecord) => ({
  key,
  value: value === null ? null : (JSON.parse(value) as unknown),
  headers,
});

/** Asks until two answers in a row are content with each other, or throws when that takes too long. */
const settledOn = async (
  ask: () => Promise<Told['records']>,
  isEnough: (records: Told['records'], before: Told['records']) => boolean,
): Promise<Told['records']> => {
  const deadline = Date.now() + 120_000;
  let before: Told['records'] = {};
  for (;;) {
    const records = await ask().catch((error: unknown) => {
      if (Date.now() > deadline) throw error;
      return {}; // the topics are not made yet
    });
    if (isEnough(records, before) || Date.now() > deadline) return records;
    before = records;
    await new Promise((again) => setTimeout(again, 1_000));
  }
};

/** Starts the release at hand on a copy of an old log, in the schema of its time, which it brings up to date itself. */
const startOn = async (old: Pick<OldLog, 'masterKey' | 'migrations' | 'rows'>): Promise<RunningSystem> => {
  const database = await createTestDatabase([]);
  await runMigrations(
    database.ownerUrl,
    allMigrations.filter((migration) => old.migrations.includes(migration.name)),
  );
  await putLog(database.ownerUrl, old);
  const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
  const backing = { databaseUrl: database.ownerUrl, brokers };
  const system = await startSystem('one process', { MASTER_KEY: old.masterKey }, backing);
  const stop = async () => {
    await system.stop();
    await database.drop();
  };
  return { ...system, stop };
};

/** `RECORD_OLD_LOG=2026-11` writes a new dump with the release at hand, instead of testing it with those there are. */
const recording = process.env['RECORD_OLD_LOG'];

const record = async (name: string): Promise<void> => {
  const masterKey = randomBytes(32).toString('base64');
  const lived = await startSystem('one process', { MASTER_KEY: masterKey });
  const tenants = await live(lived);
  await settled(lived.ownerDatabaseUrl);
  const old = { ...(await dumpLog(lived.ownerDatabaseUrl)), masterKey };
  await lived.stop();
  // Told by the log as it stands: what was said of people before they were erased is said no more.
  const system = await startOn(old);
  const records = await settledOn(
    () => recordsOf(system),
    (now, before) => now['changes.v1'] !== undefined && isDeepStrictEqual(now, before),
  );
  const resources: Record<string, Told['resources'][string]> = {};
  for (const { id } of tenants) resources[id] = await resourcesOf(system, id);
  await system.stop();
  await writeOldLog(name, { ...old, told: { resources, records } });
};

const kept = readdirSync(join(import.meta.dirname, '..', 'old-logs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

if (recording !== undefined) it(`records the log ${recording}`, () => record(recording));
else
  describe.each(kept)('the log %s', (name) => {
    let old: OldLog;
    let system: RunningSystem;

    beforeAll(async () => {
      old = await readOldLog(name);
      system = await startOn(old);
    });

    afterAll(() => system.stop());

    it('is shown as it was', async () => {
      for (const [tenantId, resources] of Object.entries(old.told.resources))
        expect(await resourcesOf(system, tenantId)).toMatchObject(resources);
    });

    it('is published as it was: more may be said than then, nothing else', async () => {
      const wanted = Object.entries(old.told.records);
      const records = await settledOn(
        () => recordsOf(system),
        (now) => wanted.every(([topic, { length }]) => (now[topic]?.length ?? 0) >= length),
      );
      expect(records).toMatchObject(old.told.records);
    });
  });
