import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, GROUP, TenantClient, times, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem, type Topology } from './running-system.js';

jest.setTimeout(120_000);

const topologies: readonly Topology[] = ['one process', 'separate services'];

describe.each(topologies)('the promises, in %s', (topology) => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem(topology);
    tenant = await TenantClient.create(system);
  });

  afterAll(() => system.stop());

  const count = (answers: readonly Answer[], status: number) =>
    answers.filter((answer) => answer.status === status).length;

  it('R46 50 concurrent creates of one userName give one 201 and 49 times 409 uniqueness', async () => {
    const clients = system.scimApis.map((url) => tenant.through(url));
    const answers = await Promise.all(
      times(50).map((i) => {
        const userName = i % 2 === 0 ? 'Racer@example.com' : 'racer@EXAMPLE.com';
        return (clients[i % clients.length] ?? tenant).send('POST', '/Users', { schemas: [USER], userName });
      }),
    );
    expect(count(answers, 201)).toBe(1);
    expect(count(answers, 409)).toBe(49);
    for (const { status, body } of answers)
      if (status === 409) expect(body).toMatchObject({ schemas: [ERROR], status: '409', scimType: 'uniqueness' });
    const found = await tenant.get(`/Users?filter=${encodeURIComponent('userName eq "racer@example.com"')}`);
    expect(found.body.totalResults).toBe(1);
  });

  it('F19 of 50 concurrent creates as many succeed as the tenant may have more users', async () => {
    const limited = await TenantClient.create(system, { maxUsers: 12, rateLimit: { perSecond: 1000, burst: 1000 } });
    await Promise.all(times(5).map((i) => limited.user(`seated-${i}`)));
    const clients = system.scimApis.map((url) => limited.through(url));
    const answers = await Promise.all(
      times(50).map((i) => {
        const client = clients[i % clients.length] ?? limited;
        return client.send('POST', '/Users', { schemas: [USER], userName: `newcomer-${i}` });
      }),
    );
    expect([count(answers, 201), count(answers, 403)]).toEqual([7, 43]);
    expect((await limited.get('/Users?count=0')).body.totalResults).toBe(12);
  });

  it('P9 50 concurrent PATCHes that each add another member to one group leave 50 members', async () => {
    const users = await Promise.all(times(50).map((i) => tenant.user(`member-${i}`)));
    const group = await tenant.group('Everybody');
    const clients = system.scimApis.map((url) => tenant.through(url));
    const answers = await Promise.all(
      users.map((value, i) =>
        (clients[i % clients.length] ?? tenant).patch(`/Groups/${group}`, [
          { op: 'add', path: 'members', value: [{ value }] },
        ]),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(times(50).map(() => 204));
    const { body } = await tenant.get(`/Groups/${group}`);
    expect(body.members?.map(({ value }) => value).sort()).toEqual([...users].sort());
  });

  it('R117 R118 20 racing PATCHes with one If-Match give one success and 19 times 412', async () => {
    const id = await tenant.user('contended');
    const etag = (await tenant.get(`/Users/${id}`)).headers.get('etag') ?? '';
    const clients = system.scimApis.map((url) => tenant.through(url));
    const answers = await Promise.all(
      times(20).map((i) =>
        (clients[i % clients.length] ?? tenant).patch(
          `/Users/${id}`,
          [{ op: 'replace', path: 'title', value: `Title ${i}` }],
          { 'if-match': etag },
        ),
      ),
    );
    expect(count(answers, 200)).toBe(1);
    expect(count(answers, 412)).toBe(19);
    const winner = answers.find(({ status }) => status === 200);
    expect((await tenant.get(`/Users/${id}`)).body['title']).toBe(winner?.body['title']);
  });

  it('reads reflect every write acknowledged before, on every replica, 1,000 times under load', async () => {
    const [writer = tenant, reader = tenant] = [system.scimApis[0], system.scimApis.at(-1)].map((url) =>
      tenant.through(url ?? ''),
    );
    let stop = false;
    const load = Promise.all(
      times(4).map(async (lane) => {
        for (let i = 0; !stop; i += 1) await tenant.user(`load-${lane}-${i}`);
      }),
    );
    const lanes = times(10).map(async (lane) => {
      const id = await writer.user(`reader-${lane}`);
      for (const i of times(100)) {
        const title = `Version ${i}`;
        const written = await writer.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value: title }]);
        const [byId, byFilter] = await Promise.all([
          reader.get(`/Users/${id}`),
          reader.get(`/Users?filter=${encodeURIComponent(`userName eq "reader-${lane}"`)}`),
        ]);
        expect([written.status, byId.status, byFilter.status]).toEqual([200, 200, 200]);
        expect([byId.body['title'], byFilter.body.Resources[0]?.['title']]).toEqual([title, title]);
      }
    });
    await Promise.all(lanes).finally(() => {
      stop = true;
    });
    await load;
  });

  it('R125 a token of one tenant, and ids of one tenant, get nothing of another', async () => {
    const other = await TenantClient.create(system);
    const id = await tenant.user('private-person');
    const group = await tenant.group('Private group');
    const foreignToken = await Promise.all(
      [
        '/Users',
        `/Users/${id}`,
        '/Groups',
        `/Groups/${group}`,
        `/Users?filter=${encodeURIComponent('userName eq "private-person"')}`,
      ].map((path) => fetch(tenant.scimUrl + path, { headers: { authorization: `Bearer ${other.token}` } })),
    );
    for (const answer of foreignToken) {
      expect([401, 403, 404]).toContain(answer.status);
      expect(await answer.text()).not.toContain('private-person');
    }
    for (const path of [`/Users/${id}`, `/Groups/${group}`]) {
      expect((await other.get(path)).status).toBe(404);
      expect((await other.patch(path, [{ op: 'replace', path: 'displayName', value: 'Mine' }])).status).toBe(404);
      expect(
        (
          await other.send('PUT', path, {
            schemas: [path.startsWith('/Users') ? USER : GROUP],
            userName: 'x',
            displayName: 'Mine',
          })
        ).status,
      ).toBe(404);
      expect((await other.send('DELETE', path)).status).toBe(404);
    }
    const adopted = await other.send('POST', '/Groups', {
      schemas: [GROUP],
      displayName: 'Adopts',
      members: [{ value: id }],
    });
    expect(adopted.status).toBe(400);
    expect((await other.get('/Users')).body.totalResults).toBe(0);
    expect((await tenant.get(`/Users/${id}`)).status).toBe(200);
  });

  it('two tenants writing at full speed through shared processes never mix', async () => {
    const [one, two] = await Promise.all([TenantClient.create(system), TenantClient.create(system)]);
    const fill = async (client: TenantClient, mark: string) => {
      for (const lane of times(20)) await Promise.all(times(10).map((i) => client.user(`${mark}-${lane}-${i}`)));
    };
    await Promise.all([fill(one, 'one'), fill(two, 'two')]);
    for (const [client, mark] of [
      [one, 'one'],
      [two, 'two'],
    ] as const) {
      const { body } = await client.get('/Users?count=1000');
      expect(body.totalResults).toBe(200);
      const names = body.Resources.map((user) => user['userName']);
      expect(new Set(names)).toEqual(
        new Set(times(20).flatMap((lane) => times(10).map((i) => `${mark}-${lane}-${i}`))),
      );
    }
  });
});
