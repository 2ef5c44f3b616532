import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DirectoryEvent } from '#directory';
import { KafkajsAdapter, type ReceivedRecord } from '#kafka';
import { PublisherHarness, type Moment } from './publisher-harness.fixture.js';

jest.setTimeout(60_000);

const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
if (brokers.length === 0)
  throw new Error(
    'TEST_KAFKA_BROKERS names no broker: these tests need a real one (deploy/kafka/development-broker.mjs).',
  );
const kafka = new KafkajsAdapter({ brokers, clientId: 'publisher-spec' });

const created = (userName: string): DirectoryEvent => ({
  type: 'UserCreated',
  data: { attributes: { userName }, active: true },
});
const renamed = (userName: string): DirectoryEvent => ({
  type: 'UserAttributesChanged',
  data: { changed: { userName }, paths: ['userName'] },
});
const deactivated: DirectoryEvent = { type: 'UserDeactivated', data: {} };
const deleted: DirectoryEvent = { type: 'UserDeleted', data: {} };
const group: DirectoryEvent = { type: 'GroupCreated', data: { attributes: { displayName: 'Staff' } } };
const added = (...ids: readonly string[]): DirectoryEvent => ({
  type: 'GroupMembersAdded',
  data: { members: ids.map((value) => ({ value, type: 'User' })) },
});

const ids = (records: readonly ReceivedRecord[]) => records.map(({ headers }) => headers['ce_id']);
const sequences = (records: readonly ReceivedRecord[]) => records.map(({ headers }) => Number(headers['ce_sequence']));
/** What a compacted topic comes to. */
const latest = (records: readonly ReceivedRecord[]) =>
  Object.fromEntries(records.map(({ key, value }) => [key, value === null ? null : (JSON.parse(value) as object)]));

let harness: PublisherHarness;

beforeEach(async () => {
  harness = new PublisherHarness(kafka);
  await harness.makeTopics();
});
afterEach(() => harness.stop());
afterAll(() => kafka.close());

/** Every public event of the tenant is on `changes` once, in the order of the log. */
const expectExactlyOnce = async (tenantId: string): Promise<void> => {
  const records = await harness.settledChanges(tenantId);
  const events = await harness.publicEvents(tenantId);
  expect(ids(records)).toEqual(events.map(({ eventId }) => eventId));
  expect(sequences(records)).toEqual(events.map(({ sequence }) => sequence));
};

const writeSomeOf = async (tenantId: string, users: number): Promise<void> => {
  for (let i = 0; i < users; i += 1) {
    await harness.append(tenantId, `u${i}`, created(`user ${i}`), renamed(`renamed ${i}`));
    await harness.append(tenantId, `u${i}`, deactivated);
    if (i % 3 === 0) await harness.append(tenantId, `u${i}`, deleted);
  }
};

describe('the publisher', () => {
  it('brings each event to every topic it concerns, as of that event', async () => {
    harness.publisher();
    await harness.append('acme', 'u1', created('bjensen'));
    await harness.append('acme', 'u1', renamed('babs'), deactivated);
    await harness.append('acme', 'g1', group, added('u1'));

    await expectExactlyOnce('acme');
    const users = await harness.records('acme', 'users', 3);
    expect(users.slice(0, 3).map(({ value }) => JSON.parse(value ?? '') as object)).toMatchObject([
      { id: 'u1', userName: 'bjensen', active: true, meta: { version: 'W/"0"' } },
      { id: 'u1', userName: 'babs', active: true, meta: { version: 'W/"1"' } },
      { id: 'u1', userName: 'babs', active: false, meta: { version: 'W/"2"' } },
    ]);
    expect(latest(await harness.records('acme', 'memberships', 1))).toEqual({
      'acme/g1/u1': { group: 'g1', member: 'u1', type: 'User' },
    });
    expect(latest(await harness.records('acme', 'groups', 2))).toMatchObject({
      'acme/Group/g1': { displayName: 'Staff' },
    });
  });

  it('goes on where the publisher before it stopped', async () => {
    const first = harness.publisher();
    await writeSomeOf('acme', 5);
    await expectExactlyOnce('acme');
    await first.stop();
    await writeSomeOf('globex', 5);
    await harness.append('acme', 'later', created('later'));
    harness.publisher();
    await expectExactlyOnce('acme');
    await expectExactlyOnce('globex');
  });

  it.each<Moment>(['before the commit', 'after the commit'])(
    'publishes every event once and in order when it is killed %s, again and again',
    async (deadly) => {
      const failing = harness.failingKafka();
      let count = 0;
      failing.fails = (moment) => moment === deadly && (count += 1) % 3 === 0;
      harness.publisher(failing);
      const tenants = ['acme', 'globex', 'initech'];
      for (let round = 0; round < 8; round += 1)
        for (const tenant of tenants) {
          await harness.append(tenant, `r${round}`, created(`user ${round}`), renamed(`renamed ${round}`));
          await harness.append(tenant, `r${round}`, deactivated);
          await expectExactlyOnce(tenant);
        }
      expect(failing.failures).toBeGreaterThan(3);
    },
  );

  it('publishes every event once and in order when two publishers believe they hold the same partitions', async () => {
    harness.publisher();
    harness.publisher(); // with leases of its own: nothing but Kafka stands between the two
    for (let i = 0; i < 5; i += 1) {
      await writeSomeOf(`acme-${i}`, 6);
      await expectExactlyOnce(`acme-${i}`);
    }
    expect(await harness.metric('publisher_transactions_total', { outcome: 'failed' })).toBeGreaterThan(0);
  });

  it('ends the memberships of a large deleted group in several transactions, each once, also when killed between them', async () => {
    const failing = harness.failingKafka();
    const publisher = harness.publisher(failing);
    const members = Array.from({ length: 2_600 }, (_, i) => `m${String(i).padStart(5, '0')}`);
    await harness.append('acme', 'big', group);
    for (let i = 0; i < members.length; i += 500)
      await harness.append('acme', 'big', added(...members.slice(i, i + 500)));
    await harness.records('acme', 'memberships', members.length);
    let commits = 0;
    failing.fails = (moment) => moment === 'after the commit' && (commits += 1) === 1;
    await harness.append('acme', 'big', { type: 'GroupDeleted', data: {} });

    const records = (await harness.records('acme', 'memberships', 2 * members.length)).slice(members.length);
    expect(records.every(({ value }) => value === null)).toBe(true);
    expect(records.map(({ key }) => key)).toEqual(members.map((id) => `acme/big/${id}`));
    expect(failing.failures).toBe(1);
    await expectExactlyOnce('acme');
    expect(publisher.isWaiting).toBe(false);
  });

  it('ends every key of an erased tenant once, also when killed in between, and publishes nothing of it afterwards', async () => {
    const failing = harness.failingKafka();
    harness.publisher(failing);
    const members = Array.from({ length: 1_400 }, (_, i) => `m${String(i).padStart(5, '0')}`);
    await writeSomeOf('acme', 60);
    await harness.append('acme', 'g1', group, added(...members.slice(0, 700)));
    await harness.append('acme', 'g2', group, added(...members.slice(700)));
    await harness.append('acme', 'g3', group, added('m00000'));
    await harness.append('acme', 'g3', { type: 'GroupDeleted', data: {} });
    await writeSomeOf('globex', 2);
    await expectExactlyOnce('acme');
    const count = async (kind: 'changes' | 'users' | 'groups' | 'memberships') =>
      (await harness.records('acme', kind, 1)).length;
    const before = { changes: await count('changes'), users: await count('users'), groups: await count('groups') };
    let commits = 0;
    failing.fails = (moment) => moment === 'after the commit' && (commits += 1) <= 2;
    await harness.eraseTenant('acme');

    const memberships = await harness.records('acme', 'memberships', 1_402 + 1_400);
    expect(Object.values(latest(memberships)).filter((value) => value !== null)).toEqual([]);
    const users = (await harness.records('acme', 'users', before.users + 61)).slice(before.users);
    expect(new Set(users.map(({ key }) => key)).size).toBe(users.length);
    expect(Object.values(latest(await harness.records('acme', 'users', 1)))).toEqual(users.map(() => null));
    const changes = (await harness.records('acme', 'changes', before.changes + 63)).slice(before.changes);
    expect(new Set(ids(changes)).size).toBe(63); // everybody, and the two groups that were there
    expect(Object.values(latest(await harness.records('acme', 'groups', before.groups + 3)))).toEqual([
      null,
      null,
      null,
    ]);
    expect(failing.failures).toBe(2);

    await harness.append('acme', 'late', created('bjensen'));
    await harness.append('globex', 'u9', created('other'));
    await expectExactlyOnce('globex');
    await harness.until(async () => (await harness.metric('publisher_lag_events')) === 0);
    expect(await count('changes')).toBe(before.changes + 63);
  });

  it('waits for Kafka without disturbing anyone, says so once, and catches up', async () => {
    let known: readonly string[] = [];
    const absent = new KafkajsAdapter({
      clientId: 'publisher-spec',
      operationTimeoutMs: 300,
      brokers: () => {
        if (known.length === 0) throw new Error('No broker yet.');
        return known;
      },
    });
    const publisher = harness.publisher(absent);
    await writeSomeOf('acme', 3);
    await harness.until(() => publisher.isWaiting);
    expect(await harness.metric('publisher_waiting')).toBe(1);
    known = brokers;
    await expectExactlyOnce('acme');
    await harness.until(() => !publisher.isWaiting);
    expect(harness.said.filter((line) => line.startsWith('publishing waits'))).toHaveLength(1);
    expect(harness.said.filter((line) => line.startsWith('publishing goes on'))).toHaveLength(1);
    await publisher.stop();
    await absent.close();
  });

  it('holds up only the tenant whose event it cannot read', async () => {
    await harness.append('broken', 'u1', created('secret'));
    await writeSomeOf('acme', 2);
    const open = harness.sealer.open.bind(harness.sealer);
    let broken = true;
    harness.sealer.open = async (fields) => {
      if (broken && fields.some(({ tenantId }) => tenantId === 'broken')) throw new Error('tampered');
      return open(fields);
    };
    harness.publisher();
    await expectExactlyOnce('acme');
    await harness.until(() => harness.said.some((line) => line.includes('only this tenant waits')));
    expect(harness.said.join()).not.toContain('secret');
    broken = false;
    await expectExactlyOnce('broken');
  });

  it('publishes nothing personal of a subject erased before its events were published', async () => {
    await harness.append('acme', 'u1', created('bjensen'), renamed('babs'), deactivated, deleted);
    harness.sealer.erase('acme', 'u1');
    harness.publisher();
    await expectExactlyOnce('acme');
    const users = await harness.records('acme', 'users', 4);
    expect(users.slice(0, 4).map(({ value }) => value)).toEqual([null, null, null, null]);
    const changes = await harness.records('acme', 'changes', 4);
    expect(changes.map(({ value }) => value).join()).not.toMatch(/bjensen|babs/);
  });

  it('knows how far it is behind', async () => {
    await writeSomeOf('acme', 3);
    harness.publisher();
    await harness.records('acme', 'changes', 10);
    await harness.until(async () => (await harness.metric('publisher_lag_events')) === 0);
    expect(await harness.metric('publisher_lag_seconds')).toBe(0);
    const topic = `${harness.topicPrefix}.changes.v1`;
    expect(await harness.metric('publisher_published_total', { topic })).toBe(10);
  });
});
