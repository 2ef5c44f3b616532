import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { InMemoryKurrentServer, listenOnWire } from '#testing';
import { TenantClient, times, USER } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';
import { readTopics } from './topics.js';

jest.setTimeout(120_000);

// The services use the real client; the server behind its protocol is in memory, in this process (docs/kurrentdb.md).
describe('separate services whose log is in KurrentDB', () => {
  let wire: Awaited<ReturnType<typeof listenOnWire>>;
  let system: RunningSystem;
  let tenant: TenantClient;
  let replicas: readonly TenantClient[];

  beforeAll(async () => {
    wire = await listenOnWire(new InMemoryKurrentServer());
    system = await startSystem('separate services', { EVENT_LOG: 'kurrentdb', KURRENTDB_URL: wire.url });
    tenant = await TenantClient.create(system);
    replicas = system.scimApis.map((url) => tenant.through(url));
  });

  afterAll(async () => {
    await system.stop();
    wire.close();
  });

  const on = (n: number): TenantClient => replicas[n % replicas.length] ?? tenant;

  it('R46 let one of many creates of one userName through', async () => {
    const answers = await Promise.all(
      times(30).map((i) => on(i).send('POST', '/Users', { schemas: [USER], userName: 'Racer' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...times(29).map(() => 409)]);
  });

  it('answer with every acknowledged write, whichever replica is asked, and lose no member', async () => {
    const users = await Promise.all(times(20).map((i) => on(i).user(`member-${i}`)));
    const group = await tenant.group('Everybody');
    const added = await Promise.all(
      users.map((value, i) => on(i).patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }])),
    );
    expect(new Set(added.map(({ status }) => status))).toEqual(new Set([204]));
    for (const replica of replicas)
      expect((await replica.get(`/Groups/${group}`)).body.members?.map(({ value }) => value).sort()).toEqual(
        [...users].sort(),
      );
    for (const i of times(30)) {
      const title = `Title ${i}`;
      await on(i).patch(`/Users/${users[0]}`, [{ op: 'replace', path: 'title', value: title }]);
      expect((await on(i + 1).get(`/Users/${users[0]}`)).body['title']).toBe(title);
    }
  });

  it('publish what happened in the order of the tenant', async () => {
    const own = await TenantClient.create(system);
    for (const i of times(15)) await own.user(`published-${i}`);
    const mine = (records: readonly { key: string; headers: Readonly<Record<string, string>> }[]) =>
      records.filter(({ key }) => key.startsWith(`${own.id}/`)).map(({ headers }) => headers['ce_sequence']);
    const sequences = mine(await readTopics(system, ['changes.v1'], (records) => mine(records).length >= 15));
    expect(sequences).toEqual([...new Set(sequences)].sort());
  });
});
