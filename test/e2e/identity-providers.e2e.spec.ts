import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { play, recordedClient } from '../idp/recorded-client.js';
import { TenantClient, type Body } from './clients.js';
import { startSystem, type RunningSystem, type Topology } from './running-system.js';
import { partitionOf, readTopics, type TopicRecord } from './topics.js';

jest.setTimeout(180_000);

const topologies: readonly Topology[] = ['one process', 'separate services'];
const clients = ['okta', 'entra', 'entra-compliant', 'onelogin'] as const;
const TOPICS = ['changes.v1', 'users.v1', 'groups.v1', 'memberships.v1'];
const PARTITIONS = 3;

interface LoggedEvent {
  readonly id: string;
  readonly sequence: number;
  readonly type: string;
  readonly stream: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe.each(topologies)('identity providers, recorded, against %s', (topology) => {
  let system: RunningSystem;
  let database: pg.Client;
  const tenants = new Map<string, TenantClient>();

  beforeAll(async () => {
    system = await startSystem(topology, { KAFKA_PARTITIONS: String(PARTITIONS) });
    database = new pg.Client(system.ownerDatabaseUrl);
    await database.connect();
    for (const name of clients) tenants.set(name, await TenantClient.create(system));
  });

  afterAll(async () => {
    await database.end();
    await system.stop();
  });

  const tenantOf = (name: string): TenantClient => {
    const tenant = tenants.get(name);
    if (tenant === undefined) throw new Error(`no tenant for ${name}`);
    return tenant;
  };

  describe.each(clients)('%s', (name) => {
    const client = recordedClient(name);
    it.each(client.sequences.map((sequence) => [sequence.name, sequence] as const))('%s', async (_name, sequence) => {
      const { scimUrl, token } = tenantOf(name);
      const played = await play(client, sequence, scimUrl, token);
      const faults = played.flatMap(({ step, method, path, faults: found }) =>
        found.map((fault) => `${step}: ${method} ${path}: ${fault}`),
      );
      expect(faults).toEqual([]);
      expect(played).toHaveLength(sequence.steps.length);
    });
  });

  /** What the log holds of a tenant's directory, in order; read as the owner, past every policy. */
  const directoryEvents = async (tenantId: string): Promise<readonly LoggedEvent[]> => {
    const { rows } = await database.query<{
      id: string;
      sequence: string;
      type: string;
      stream: string;
      data: Record<string, unknown>;
    }>(
      `SELECT id, sequence, type, stream_name AS stream, data FROM events
        WHERE tenant_id = $1 AND (stream_name LIKE 'user-%' OR stream_name LIKE 'group-%') ORDER BY sequence`,
      [tenantId],
    );
    return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
  };

  describe('afterwards', () => {
    let records: readonly TopicRecord[];
    const logged = new Map<string, readonly LoggedEvent[]>();

    beforeAll(async () => {
      const alive = new Set<string>();
      for (const tenant of tenants.values()) {
        logged.set(tenant.id, await directoryEvents(tenant.id));
        for (const key of [...(await resourcesOf(tenant)).keys(), ...(await membershipsOf(tenant))]) alive.add(key);
      }
      const expected = [...logged.values()].reduce((sum, events) => sum + events.length, 0);
      // A transaction shows on each topic by itself: wait for all of them.
      records = await readTopics(system, TOPICS, (read) => {
        const state = read.filter(({ topic }) => topic !== 'changes.v1');
        const living = [...lastPerKey(state)].filter(([, value]) => value !== null).map(([key]) => key);
        const complete = living.length === alive.size && living.every((key) => alive.has(key));
        return complete && read.length - state.length >= expected;
      });
    });

    it.each(clients)(
      'every event of %s is one record on the changes topic, none missing, none twice, in tenant order',
      (name) => {
        const { id } = tenantOf(name);
        const changes = records.filter(
          (record) => record.topic === 'changes.v1' && record.headers['ce_tenantid'] === id,
        );
        const events = logged.get(id) ?? [];
        expect(events.length).toBeGreaterThan(3);
        expect(changes.map(({ headers }) => headers['ce_id'])).toEqual(events.map((event) => event.id));
        expect(changes.map(({ headers }) => headers['ce_sequence'])).toEqual(
          events.map(({ sequence }) => String(sequence).padStart(20, '0')),
        );
        expect(changes.map(({ headers }) => headers['ce_type'])).toEqual(events.map(({ type }) => CE_TYPES[type]));
        expect(new Set(changes.map(({ partition }) => partition))).toEqual(new Set([partitionOf(id, PARTITIONS)]));
        expect(changes.map(({ offset }) => offset)).toEqual(
          [...changes.map(({ offset }) => offset)].sort((a, b) => a - b),
        );
      },
    );

    const stateOf = (tenant: TenantClient, topics: readonly string[]): ReadonlyMap<string, unknown> => {
      const own = records.filter(
        ({ topic, headers }) => topics.includes(topic) && headers['ce_tenantid'] === tenant.id,
      );
      return new Map([...lastPerKey(own)].filter(([, value]) => value !== null));
    };

    it.each(clients)('the compacted topics of %s end at what the SCIM API answers', async (name) => {
      const tenant = tenantOf(name);
      const listed = await resourcesOf(tenant);
      const state = stateOf(tenant, ['users.v1', 'groups.v1']);
      expect([...state.keys()].sort()).toEqual([...listed.keys()].sort());
      for (const [key, value] of state) expect(value).toMatchObject(withoutMeta(listed.get(key)));
    });

    it.each(clients)('the memberships topic of %s ends at the members of its groups', async (name) => {
      const tenant = tenantOf(name);
      const members = await membershipsOf(tenant);
      expect([...stateOf(tenant, ['memberships.v1']).keys()].sort()).toEqual([...members].sort());
    });

    it('nothing personal stands in the log in the clear', async () => {
      const { rows } = await database.query<{ text: string }>(`SELECT e::text AS text FROM events e`);
      const all = rows.map(({ text }) => text).join('\n');
      expect(all.length).toBeGreaterThan(10_000);
      for (const personal of ['okta.local', 'testuser.com', 'Redmond', '+1 425', 'brien', 'APP '])
        expect(all).not.toContain(personal);
    });
  });
});

const CE_TYPES: Readonly<Record<string, string>> = {
  UserCreated: 'user.created',
  UserAttributesChanged: 'user.updated',
  UserDeactivated: 'user.deactivated',
  UserReactivated: 'user.reactivated',
  UserDeleted: 'user.deleted',
  GroupCreated: 'group.created',
  GroupAttributesChanged: 'group.updated',
  GroupMembersAdded: 'group.members_added',
  GroupMembersRemoved: 'group.members_removed',
  GroupDeleted: 'group.deleted',
};

/** What the SCIM API answers, by record key, without what is derived. */
const resourcesOf = async (tenant: TenantClient): Promise<ReadonlyMap<string, Body>> => {
  const found = new Map<string, Body>();
  for (const type of ['User', 'Group']) {
    const { body } = await tenant.get(`/${type}s?count=1000&excludedAttributes=members,groups`);
    for (const resource of body.Resources) found.set(`${tenant.id}/${type}/${resource.id}`, resource);
  }
  return found;
};

const membershipsOf = async (tenant: TenantClient): Promise<readonly string[]> => {
  const { body } = await tenant.get('/Groups?count=1000');
  return body.Resources.flatMap(({ id, members = [] }) => members.map(({ value }) => `${tenant.id}/${id}/${value}`));
};

const lastPerKey = (records: readonly TopicRecord[]): ReadonlyMap<string, unknown> =>
  new Map(records.map(({ key, value }) => [key, value]));

const withoutMeta = (resource: unknown): object => {
  const { meta: _, schemas: __, ...rest } = resource as Record<string, unknown>;
  return rest;
};
