import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { GROUP, TenantClient, times, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { activitySince, tableActivity, type TableActivity } from './table-activity.js';
import { readTopics } from './topics.js';

jest.setTimeout(600_000);

const DEADLINE_MS = 240_000;
const SMALL = 10;
const LARGE = 20_000;
const WHOLE = 100_000;
const CHANGES = 10;
const GROUPS_OF_ONE_USER = 1_000;

let system: RunningSystem;
let database: pg.Client;

beforeAll(async () => {
  system = await startSystem('one process');
  database = new pg.Client(system.ownerDatabaseUrl);
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await system.stop();
});

const id = (n: number): string => `01900000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const ids = (from: number, count: number) => times(count).map((n) => id(from + n));
const members = (from: number, count: number) => ids(from, count).map((value) => ({ value }));

/** A tenant with users as far as decisions about members see them: streams that are there. */
const tenantWithUsers = async (count: number): Promise<TenantClient> => {
  const tenant = await TenantClient.create(system);
  await database.query(
    `INSERT INTO streams SELECT $1, 'user-' || $1 || '+01900000-0000-7000-8000-' || lpad(n::text, 12, '0'), 0, true FROM generate_series(0, $2::int - 1) n`,
    [tenant.id, count],
  );
  await database.query('ANALYZE streams');
  return tenant;
};

const until = async (isSo: () => Promise<boolean>) => {
  const deadline = Date.now() + DEADLINE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('It did not come to that in time.');
    await new Promise((again) => setTimeout(again, 50));
  }
};

const count = async (text: string, values: readonly unknown[]): Promise<number> => {
  const { rows } = await database.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${text}`, [...values]);
  return rows[0]?.count ?? 0;
};

/** The answer once the read model, or the database after trouble, has come that far. */
const patiently = async (ask: () => Promise<Answer>): Promise<Answer> => {
  let answer = await ask();
  await until(async () => {
    if (answer.status === 503) answer = await ask();
    return answer.status !== 503;
  });
  return answer;
};

const add = (tenant: TenantClient, group: string, value: readonly object[]) =>
  tenant.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value }]);

it('P2 end to end, one more member touches as many rows in a group of 20,000 as in one of 10, and removing one does', async () => {
  const tenant = await tenantWithUsers(LARGE + 2 * CHANGES);
  const activityOf = async (group: string, from: number): Promise<readonly TableActivity[]> => {
    const caughtUp = () => patiently(() => tenant.get('/Users?count=0'));
    const moments = [await tableActivity(database)];
    await caughtUp();
    for (const value of ids(from, CHANGES))
      expect((await patiently(() => add(tenant, group, [{ value }]))).status).toBe(204);
    await caughtUp();
    moments.push(await tableActivity(database));
    await caughtUp();
    for (const value of ids(from, CHANGES))
      await patiently(() => tenant.patch(`/Groups/${group}`, [{ op: 'remove', path: `members[value eq "${value}"]` }]));
    await caughtUp();
    moments.push(await tableActivity(database));
    await caughtUp();
    return moments.slice(1).map((moment, n) => activitySince(moments[n] ?? moment, moment));
  };
  const small = await tenant.group('Small', ids(0, SMALL));
  const large = await tenant.group('Large', ids(0, LARGE));
  await patiently(() => tenant.get(`/Groups/${large}?excludedAttributes=members`));
  await database.query('ANALYZE');
  const cheap = await activityOf(small, LARGE);
  const alike = await activityOf(large, LARGE + CHANGES);
  for (const [n, { inserted, updated, deleted, read, scans }] of alike.entries()) {
    expect({ inserted, deleted }).toEqual({ inserted: cheap[n]?.inserted, deleted: cheap[n]?.deleted });
    expect(updated).toBeLessThan(CHANGES * 10);
    expect(scans).toBeLessThan(CHANGES * 100);
    expect(read).toBeLessThan(Math.min(CHANGES * 500, LARGE)); // it reads events and rows of its own, never those of the members
  }
  expect(cheap.map(({ inserted, deleted }) => ({ inserted, deleted }))).toEqual([
    { inserted: 3 * CHANGES, deleted: 0 }, // event, edge, membership
    { inserted: 2 * CHANGES, deleted: 2 * CHANGES }, // event and the edge of the past; edge and membership
  ]);
});

it('P2 a group of 100,000 is made and replaced by PUT, read with and without members, and deleted by one event', async () => {
  const tenant = await tenantWithUsers(WHOLE + 1);
  const group = await tenant.group('Everybody');
  const put = (from: number) =>
    tenant.send('PUT', `/Groups/${group}`, {
      schemas: [GROUP],
      displayName: 'Everybody',
      members: members(from, WHOLE),
    });
  const events = () => count('events WHERE tenant_id = $1 AND stream_name LIKE $2', [tenant.id, 'group-%']);

  expect((await put(0)).status).toBe(200);
  expect(await events()).toBe(1 + WHOLE / 500);
  expect((await put(1)).status).toBe(200);
  expect(await events()).toBe(1 + WHOLE / 500 + 2); // one out, one in

  const whole = await patiently(() => tenant.get(`/Groups/${group}`));
  expect(new Set(whole.body.members?.map(({ value }) => value))).toEqual(new Set(ids(1, WHOLE)));
  const bare = await tenant.get(`/Groups/${group}?excludedAttributes=members`);
  expect(bare.body.members).toBeUndefined();
  expect(JSON.stringify(bare.body).length).toBeLessThan(1_000);

  expect((await tenant.send('DELETE', `/Groups/${group}`)).status).toBe(204);
  expect(await events()).toBe(1 + WHOLE / 500 + 3);
  expect((await tenant.get(`/Groups/${group}`)).status).toBe(404);
});

it('C-E7 the tombstones of a deleted group end each membership on Kafka', async () => {
  const size = 5_000;
  const tenant = await tenantWithUsers(size);
  const group = await tenant.group('Short-lived', ids(0, size));
  expect((await tenant.send('DELETE', `/Groups/${group}`)).status).toBe(204);
  const latest = new Map<string, boolean>();
  let seen = 0;
  await readTopics(system, ['memberships.v1'], (records) => {
    for (const { key, value } of records.slice(seen)) if (key.includes(`/${group}/`)) latest.set(key, value === null);
    seen = records.length;
    return latest.size === size && latest.values().every((isGone) => isGone);
  });
  expect(latest.size).toBe(size);
});

it('P2 a deleted user is gone from 1,000 groups at once, and each of them records it with its cause', async () => {
  const tenant = await TenantClient.create(system);
  const user = await tenant.user('everywhere');
  const Operations = times(GROUPS_OF_ONE_USER).map((n) => ({
    method: 'POST',
    path: '/Groups',
    bulkId: `g${n}`,
    data: { schemas: [GROUP], displayName: `Group ${n}`, members: [{ value: user }] },
  }));
  const made = await tenant.send('POST', '/Bulk', {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
    Operations,
  });
  expect(made.status).toBe(200);
  expect((await tenant.send('DELETE', `/Users/${user}`)).status).toBe(204);
  expect(await count('edges WHERE tenant_id = $1 AND NOT gone', [tenant.id])).toBe(0);
  const recorded = () =>
    count(
      `events WHERE tenant_id = $1 AND type = 'GroupMembersRemoved' AND data->'cause'->>'kind' = 'member-deleted'
       AND data->'members'->>0 = $2`,
      [tenant.id, user],
    );
  await until(async () => (await recorded()) >= GROUPS_OF_ONE_USER);
  await until(async () => (await count('edges WHERE tenant_id = $1', [tenant.id])) === 0);
  expect(await recorded()).toBe(GROUPS_OF_ONE_USER); // none twice
});

it('members come and go while the read model is not there, and are shown when it is', async () => {
  const tenant = await tenantWithUsers(30);
  const group = await tenant.group('Unseen', ids(0, 10));
  await patiently(() => tenant.get(`/Groups/${group}`));
  await database.query('ALTER TABLE read_memberships RENAME TO lost_memberships');
  try {
    expect((await add(tenant, group, members(10, 20))).status).toBe(204);
    expect(
      (await tenant.patch(`/Groups/${group}`, [{ op: 'remove', path: 'members', value: members(0, 5) }])).status,
    ).toBe(204);
    expect((await add(tenant, group, members(4, 1))).status).toBe(204); // decided by who is a member now
    expect(await count('edges WHERE tenant_id = $1', [tenant.id])).toBe(26);
  } finally {
    await database.query('ALTER TABLE lost_memberships RENAME TO read_memberships');
  }
  const { body } = await patiently(() => tenant.get(`/Groups/${group}`));
  expect(body.members?.map(({ value }) => value).sort()).toEqual(ids(4, 26));
});
