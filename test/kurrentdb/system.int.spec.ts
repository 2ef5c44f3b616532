import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { InMemoryKurrentServer } from '#testing';
import { TenantClient, times, USER, send } from '../e2e/clients.js';
import { readTopics } from '../e2e/topics.js';
import { startSystemOn } from './system-in-process.js';

jest.setTimeout(120_000);

describe.each(['26.1.0', '25.1.1'])('the system with its log in KurrentDB %s, whose server is in memory', (version) => {
  let server: InMemoryKurrentServer;
  let system: Awaited<ReturnType<typeof startSystemOn>>;
  let tenant: TenantClient;
  let second: TenantClient;

  beforeAll(async () => {
    server = new InMemoryKurrentServer({ version });
    system = await startSystemOn(server);
    tenant = await TenantClient.create(system);
    second = tenant.through(system.secondUrl);
  });

  afterAll(() => system.stop());

  it('is ready', async () => {
    const { status, body } = await send(`${system.url}/health/ready`);
    expect({ status, body }).toMatchObject({ status: 200, body: { checks: { 'event log': 'ok' } } });
  });

  it('creates, renames, and answers with it at once on the other replica', async () => {
    const id = await tenant.user('bjensen');
    for (const i of times(20)) {
      const title = `Title ${i}`;
      expect((await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: title }])).status).toBe(200);
      const found = await second.get(`/Users?filter=${encodeURIComponent('userName eq "bjensen"')}`);
      expect(found.body.Resources[0]?.['title']).toBe(title);
    }
    const renamed = await second.patch(`/Users/${id}`, [{ op: 'replace', path: 'userName', value: 'babs' }]);
    expect(renamed.status).toBe(200);
    expect((await tenant.get(`/Users/${id}`)).body['userName']).toBe('babs');
    await tenant.user('bjensen'); // the name is free again
  });

  it('R46 lets one of many creates of one userName through, on two replicas', async () => {
    const answers = await Promise.all(
      times(20).map((i) =>
        (i % 2 === 0 ? tenant : second).send('POST', '/Users', { schemas: [USER], userName: 'Racer' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...times(19).map(() => 409)]);
  });

  it('R117 turns a stale If-Match into 412', async () => {
    const id = await tenant.user('contended');
    const etag = (await second.get(`/Users/${id}`)).headers.get('etag') ?? '';
    const change = (value: string) =>
      tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value }], { 'if-match': etag });
    expect((await change('first')).status).toBe(200);
    expect((await change('second')).status).toBe(412);
  });

  it('keeps every member that two replicas add to one group at once, and drops a user who is deleted', async () => {
    const users = await Promise.all(times(20).map((i) => tenant.user(`member-${i}`)));
    const group = await tenant.group('Everybody', users.slice(0, 2));
    const answers = await Promise.all(
      users.map((value, i) =>
        (i % 2 === 0 ? tenant : second).patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value }] }]),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
    const members = async () => (await second.get(`/Groups/${group}`)).body.members?.map(({ value }) => value).sort();
    expect(await members()).toEqual([...users].sort());
    const [gone = '', ...left] = users;
    expect((await tenant.send('DELETE', `/Users/${gone}`)).status).toBe(204);
    expect(await members()).toEqual(left.sort());
    const addGone = await second.patch(`/Groups/${group}`, [{ op: 'add', path: 'members', value: [{ value: gone }] }]);
    expect(addGone.status).toBe(400);
  });

  it('answers 503 while the log is out of reach, and goes on when it is back', async () => {
    const id = await tenant.user('patient');
    server.isDown = true;
    server.dropSubscriptions();
    expect((await tenant.get(`/Users?filter=${encodeURIComponent('userName eq "patient"')}`)).status).toBe(503);
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(503);
    expect((await send(`${system.url}/health/ready`)).status).toBe(503);
    server.isDown = false;
    expect((await tenant.send('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await second.get(`/Users/${id}`)).status).toBe(404);
  });

  it('rebuilds the read model of a tenant from the log', async () => {
    const own = await TenantClient.create(system);
    const users = await Promise.all(times(5).map((i) => own.user(`rebuilt-${i}`)));
    const group = await own.group('Rebuilt', users);
    const next = await system.generations.rebuild(own.id);
    const live = async () => (await system.generations.of(own.id)).find(({ status }) => status === 'live')?.generation;
    for (const deadline = Date.now() + 20_000; (await live()) !== next; await new Promise(setImmediate))
      expect(Date.now()).toBeLessThan(deadline);
    expect((await own.get('/Users')).body.totalResults).toBe(5);
    expect((await own.get(`/Groups/${group}`)).body.members).toHaveLength(5);
  });

  it('publishes the changes of a tenant in the order of its sequence', async () => {
    const own = await TenantClient.create(system);
    for (const i of times(10)) await own.user(`published-${i}`);
    const mine = (records: readonly { key: string; headers: Readonly<Record<string, string>> }[]) =>
      records.filter(({ key }) => key.startsWith(`${own.id}/`)).map(({ headers }) => headers['ce_sequence']);
    const sequences = mine(await readTopics(system, ['changes.v1'], (records) => mine(records).length >= 10));
    expect(sequences).toEqual([...sequences].sort());
    expect(new Set(sequences).size).toBe(10);
  });
});
