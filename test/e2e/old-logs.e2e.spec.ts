import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { allMigrations } from '#runtime';
import { runMigrations } from '#postgres';
import { createTestDatabase, type TestDatabase } from '#testing';
import { dumpLog, putLog, readOldLog, writeOldLog, type OldLog, type Told } from '../old-logs/old-log.js';
import { live } from '../old-logs/old-life.js';
import { asOwner, settled } from './backed-up-tables.js';
import { send, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(300_000);

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

const recordOf = ({ key, value, headers }: TopicRecord) => ({ key, value, headers });

const tenantOf = ({ headers }: TopicRecord): string => headers['ce_tenantid'] ?? '';

/** What is on the topics, once there is as much as `count` says; order holds within a tenant, so tenants stand one after the other. */
const recordsOf = async (system: RunningSystem, count: (topic: string) => number): Promise<Told['records']> => {
  const all = await readTopics(system, TOPICS, (records) =>
    TOPICS.every((topic) => records.filter((record) => record.topic === topic).length >= count(topic)),
  );
  const ofTopic = (topic: string) =>
    all
      .filter((record) => record.topic === topic)
      .sort((a, b) => (tenantOf(a) < tenantOf(b) ? -1 : tenantOf(a) > tenantOf(b) ? 1 : a.offset - b.offset));
  return Object.fromEntries(TOPICS.map((topic) => [topic, ofTopic(topic).map(recordOf)]));
};

/** Records that the events of a log come to, by topic; known only to who wrote it. */
const expectedCounts = (url: string): Promise<ReadonlyMap<string, number>> =>
  asOwner(url, async (client) => {
    const { rows } = await client.query<Record<string, string>>(
      `SELECT count(*) AS "changes.v1",
         count(*) FILTER (WHERE stream_name LIKE 'user-%') AS "users.v1",
         count(*) FILTER (WHERE stream_name LIKE 'group-%') AS "groups.v1",
         coalesce(sum(json_array_length(data->'members')), 0)
           + (SELECT count(*) FROM gone_sources JOIN edges USING (tenant_id, source_id)) AS "memberships.v1"
       FROM events WHERE stream_name LIKE 'user-%' OR stream_name LIKE 'group-%'`,
    );
    return new Map(Object.entries(rows[0] ?? {}).map(([topic, count]) => [topic, Number(count)]));
  });

/** `RECORD_OLD_LOG=2026-11` writes a new dump with the release at hand, instead of testing it with those there are. */
const recording = process.env['RECORD_OLD_LOG'];

const record = async (name: string): Promise<void> => {
  const masterKey = randomBytes(32).toString('base64');
  const system = await startSystem('one process', { MASTER_KEY: masterKey });
  try {
    const tenants = await live(system);
    await settled(system.ownerDatabaseUrl);
    const log = await dumpLog(system.ownerDatabaseUrl);
    const counts = await expectedCounts(system.ownerDatabaseUrl);
    const records = await recordsOf(system, (topic) => counts.get(topic) ?? 0);
    const resources: Record<string, Told['resources'][string]> = {};
    for (const { id } of tenants) resources[id] = await resourcesOf(system, id);
    await writeOldLog(name, { ...log, masterKey, told: { resources, records } });
  } finally {
    await system.stop();
  }
};

const kept = readdirSync(join(import.meta.dirname, '..', 'old-logs'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

if (recording !== undefined) it(`records the log ${recording}`, () => record(recording));
else
  describe.each(kept)('the log %s', (name) => {
    let old: OldLog;
    let database: TestDatabase;
    let system: RunningSystem;

    beforeAll(async () => {
      old = await readOldLog(name);
      database = await createTestDatabase([]);
      // The schema of that time; the release at hand brings it up to date around the rows when it starts.
      await runMigrations(
        database.ownerUrl,
        allMigrations.filter((migration) => old.migrations.includes(migration.name)),
      );
      await putLog(database.ownerUrl, old);
      system = await startSystem(
        'one process',
        { MASTER_KEY: old.masterKey },
        { databaseUrl: database.ownerUrl, brokers: (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',') },
      );
    });

    afterAll(async () => {
      await system.stop();
      await database.drop();
    });

    it('is shown as it was', async () => {
      for (const [tenantId, resources] of Object.entries(old.told.resources))
        expect(await resourcesOf(system, tenantId)).toMatchObject(resources);
    });

    it('is published as it was: more may be said than then, nothing else', async () => {
      const records = await recordsOf(system, (topic) => old.told.records[topic]?.length ?? 0);
      expect(records).toMatchObject(old.told.records);
    });
  });
