import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { userStream } from '#directory';
import { createLogger, loadSettings, openStores } from '#runtime';
import { TenantClient, times } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(240_000);

const SMALL = 10;
const LARGE = 20_000;
const CHANGES = 10;
let system: RunningSystem;
let tenant: TenantClient;
let database: pg.Client;
let users: readonly string[];

beforeAll(async () => {
  system = await startSystem('one process');
  tenant = await TenantClient.create(system);
  database = new pg.Client(system.ownerDatabaseUrl);
  await database.connect();
  users = await manyUsers(tenant, LARGE + 2 * CHANGES);
});

afterAll(async () => {
  await database.end();
  await system.stop();
});

/** Through the command runner, past HTTP: the users are only the scenery. */
const manyUsers = async (owner: TenantClient, count: number): Promise<readonly string[]> => {
  const options = { databaseUrl: system.ownerDatabaseUrl, masterKey: system.masterKey, service: 'scenery' };
  const stores = openStores(loadSettings({}, 'standalone'), options, createLogger('silent', 'test'));
  const id = (i: number) => `01900000-0000-7000-8000-${String(i).padStart(12, '0')}`;
  const metadata = {
    actor: { kind: 'system', id: 'test' },
    requestId: 'test',
    correlationId: 'test',
    txn: 'test',
  } as const;
  const create = (i: number) =>
    stores.runner.run(userStream, {
      tenantId: owner.id,
      resourceId: id(i),
      command: { type: 'CreateUser', data: { attributes: { userName: `u${i}` }, active: true } },
      metadata,
    });
  for (let from = 0; from < count; from += 1000)
    await Promise.all(times(Math.min(1000, count - from)).map((i) => create(from + i)));
  await stores.close();
  return times(count).map(id);
};

interface Cost {
  readonly events: number;
  readonly eventBytes: number;
  readonly edges: number;
  readonly memberships: number;
  readonly answerBytes: number;
}

/** What the log holds of the tenant, and how many rows stand for its members. */
const standing = async (): Promise<Omit<Cost, 'answerBytes'>> => {
  await tenant.get('/Users?count=0'); // the read model has caught up
  const { rows } = await database.query<{ events: number; bytes: number; edges: number; memberships: number }>(
    `SELECT (SELECT count(*)::int FROM events WHERE tenant_id = $1) AS events,
            (SELECT sum(octet_length(data::text))::int FROM events WHERE tenant_id = $1) AS bytes,
            (SELECT count(*)::int FROM edges WHERE tenant_id = $1) AS edges,
            (SELECT count(*)::int FROM read_memberships WHERE tenant_id = $1) AS memberships`,
    [tenant.id],
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no answer');
  return { events: row.events, eventBytes: row.bytes, edges: row.edges, memberships: row.memberships };
};

const costOfAdding = async (group: string, members: readonly string[]): Promise<Cost> => {
  const before = await standing();
  let answerBytes = 0;
  for (const value of members) {
    const answer = await tenant.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }]);
    expect(answer.status).toBe(204);
    answerBytes += Number(answer.headers.get('content-length') ?? 0);
  }
  const after = await standing();
  return {
    events: after.events - before.events,
    eventBytes: after.eventBytes - before.eventBytes,
    edges: after.edges - before.edges,
    memberships: after.memberships - before.memberships,
    answerBytes,
  };
};

it('P2 adding a member to a group of 20,000 writes as many events, rows and bytes, and answers as many, as to a group of 10', async () => {
  const small = await tenant.group('Small', users.slice(0, SMALL));
  const large = await tenant.group('Large', users.slice(0, LARGE));
  const [first, second] = [users.slice(LARGE, LARGE + CHANGES), users.slice(LARGE + CHANGES)];
  const cheap = await costOfAdding(small, first);
  expect(cheap).toMatchObject({ events: CHANGES, edges: CHANGES, memberships: CHANGES, answerBytes: 0 });
  expect(await costOfAdding(large, second)).toEqual(cheap);
  const { body } = await tenant.get(`/Groups/${large}`);
  expect(body.members).toHaveLength(LARGE + CHANGES);
});

it('C-E7 a group of 1,000 members is on Kafka in records of 500, and one new member is one small record', async () => {
  const other = await TenantClient.create(system);
  const members = await manyUsers(other, 1001);
  const group = await other.group('Published', members.slice(0, 1000));
  const [newcomer = ''] = members.slice(1000);
  await other.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value: newcomer }] }]);
  const added = (records: readonly TopicRecord[]) =>
    records.filter(({ key, headers }) => key.endsWith(group) && headers['ce_type'] === 'group.members_added');
  const records = added(await readTopics(system, ['changes.v1'], (read) => added(read).length >= 3));
  expect(records.map(({ value }) => (value as { members: unknown[] }).members.length)).toEqual([500, 500, 1]);
  expect(JSON.stringify(records.at(-1)?.value).length).toBeLessThan(500);
});
