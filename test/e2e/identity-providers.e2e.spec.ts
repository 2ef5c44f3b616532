import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { play, recordedClient } from '../idp/recorded-client.js';
import { TenantClient } from './clients.js';
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
      for (const tenant of tenants.values()) logged.set(tenant.id, await directoryEvents(tenant.id));
      const expected = [...logged.values()].reduce((sum, events) => sum + events.length, 0);
      records = await readTopics(
        system,
        TOPICS,
        (read) => read.filter(({ topic }) => topic === 'changes.v1').length >= expected,
      );
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

    it.each(clients)('the compacted topics of %s end at what the SCIM API answers', async (name) => {
      const tenant = tenantOf(name);
      for (const [topic, path] of [
        ['users.v1', 'Users'],
        ['groups.v1', 'Groups'],
      ] as const) {
        const last = lastPerKey(
          records.filter((record) => record.topic === topic && record.headers['ce_tenantid'] === tenant.id),
        );
        const { body } = await tenant.get(`/${path}?count=1000&excludedAttributes=members,groups`);
        const listed = new Map(
          body.Resources.map((resource) => [`${tenant.id}/${path.slice(0, -1)}/${resource.id}`, resource]),
        );
        const alive = [...last].filter(([, value]) => value !== null);
        expect(alive.map(([key]) => key).sort()).toEqual([...listed.keys()].sort());
        for (const [key, value] of alive) expect(value).toMatchObject(withoutMeta(listed.get(key)));
      }
    });

    it.each(clients)('the memberships topic of %s ends at the members of its groups', async (name) => {
      const tenant = tenantOf(name);
      const last = lastPerKey(
        records.filter((record) => record.topic === 'memberships.v1' && record.headers['ce_tenantid'] === tenant.id),
      );
      const alive = [...last].filter(([, value]) => value !== null).map(([key]) => key);
      const { body } = await tenant.get('/Groups?count=1000');
      const members = body.Resources.flatMap((group) =>
        (group.members ?? []).map(({ value }) => `${tenant.id}/${group.id}/${value}`),
      );
      expect(alive.sort()).toEqual([...members].sort());
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

const lastPerKey = (records: readonly TopicRecord[]): ReadonlyMap<string, unknown> =>
  new Map(records.map(({ key, value }) => [key, value]));

const withoutMeta = (resource: unknown): object => {
  const { meta: _, schemas: __, ...rest } = resource as Record<string, unknown>;
  return rest;
};
