import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, GROUP, send, TenantClient, times, USER, type Answer, type Body } from './clients.js';
import { startSystem, type RunningSystem, type Topology } from './running-system.js';
import { readTopics } from './topics.js';

jest.setTimeout(120_000);

const BULK_RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const ASYNC = { prefer: 'respond-async' };
const topologies: readonly Topology[] = ['one process', 'separate services'];

/** What became of a request, as its status resource tells. */
const statusOf = (tenant: TenantClient, accepted: Answer) =>
  tenant.get((accepted.headers.get('location') ?? '').slice(tenant.scimUrl.length));

/** Its operations, once it is done. */
const resultOf = async (tenant: TenantClient, accepted: Answer): Promise<readonly Body[]> => {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const { status, body, headers } = await statusOf(tenant, accepted);
    if (status === 200) {
      expect(body['schemas']).toEqual([BULK_RESPONSE]);
      return body['Operations'] as Body[];
    }
    expect([status, headers.get('retry-after')]).toEqual([202, '1']);
    if (Date.now() > deadline) throw new Error('The request was not done in time.');
    await new Promise((again) => setTimeout(again, 100));
  }
};

describe.each(topologies)('RFC 9967 asynchronous requests, in %s', (topology) => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem(topology);
    tenant = await TenantClient.create(system);
  });
  afterAll(() => system.stop());

  const create = (userName: string, headers: Readonly<Record<string, string>> = ASYNC) =>
    tenant.send('POST', '/Users', { schemas: [USER], userName }, headers);
  const total = async (filter: string) =>
    (await tenant.get(`/?count=0&filter=${encodeURIComponent(filter)}`)).body.totalResults;

  it('X10 are told to connections by the RFCs, with the events that can be delivered: none, for there is no stream of tokens', async () => {
    const byTheRfcs = await TenantClient.create(system, { profile: 'rfc' });
    const { body } = await byTheRfcs.get('/ServiceProviderConfig');
    expect(body['securityEvents']).toEqual({ asyncRequest: 'request', eventUris: [] });
    const others = [
      await tenant.get('/ServiceProviderConfig'),
      await send(`${byTheRfcs.scimUrl}/ServiceProviderConfig`),
    ];
    for (const other of others) expect(other.body).not.toHaveProperty('securityEvents');
  });

  it('X9 are answered by 202 without a body, with Set-Txn, Preference-Applied and a Location that tells what became of it', async () => {
    const accepted = await create('async.one');
    const { status, headers, body } = accepted;
    expect([status, body, headers.get('preference-applied')]).toEqual([202, {}, 'respond-async']);
    expect(headers.get('location')).toBe(`${tenant.scimUrl}/.requests/${headers.get('set-txn')}`);
    const [operation] = await resultOf(tenant, accepted);
    expect(operation).toEqual({
      method: 'POST',
      version: expect.stringMatching(/^W\/"\d+"$/),
      location: expect.stringContaining(`${tenant.scimUrl}/Users/`),
      status: '201',
    });
    const user = await tenant.get(String(operation?.['location']).slice(tenant.scimUrl.length));
    expect(user.body).toMatchObject({ userName: 'async.one', meta: { version: operation?.['version'] } });
  });

  it('X9 that are refused tell it with the error in full', async () => {
    await tenant.user('async.taken');
    const [operation] = await resultOf(tenant, await create('async.taken'));
    expect(operation).toMatchObject({
      method: 'POST',
      status: '409',
      response: { schemas: [ERROR], status: '409', scimType: 'uniqueness', detail: expect.any(String) },
    });
    const missing = await tenant.send('DELETE', '/Users/nobody', undefined, ASYNC);
    expect(await resultOf(tenant, missing)).toMatchObject([
      { method: 'DELETE', location: `${tenant.scimUrl}/Users/nobody`, status: '404' },
    ]);
  });

  it('X9 are answered as usual when they are done within the time to wait', async () => {
    const headers = { prefer: 'respond-async, wait=30' };
    const created = await create('async.waited', headers);
    expect(created).toMatchObject({ status: 201, body: { userName: 'async.waited' } });
    expect(created.headers.get('set-txn')).toBeNull();
    expect((await create('async.waited', headers)).body).toMatchObject({ status: '409', scimType: 'uniqueness' });
    const patched = await tenant.patch(
      `/Users/${created.body.id}`,
      [{ op: 'add', path: 'title', value: 'x' }],
      headers,
    );
    expect(patched).toMatchObject({ status: 200, body: { title: 'x' } });
  });

  it('of every method are done in the order in which one credential sent them', async () => {
    const id = await tenant.user('async.order');
    const title = (value: string) => tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'title', value }], ASYNC);
    const sent: Answer[] = [];
    for (const n of times(10)) sent.push(await title(`Number ${n}`));
    sent.push(
      await tenant.send('PUT', `/Users/${id}`, { schemas: [USER], userName: 'async.order', nickName: 'O' }, ASYNC),
    );
    for (const accepted of sent) expect(await resultOf(tenant, accepted)).toMatchObject([{ status: '200' }]);
    const { body } = await tenant.get(`/Users/${id}`);
    expect([body['nickName'], body['title'], body['meta']]).toMatchObject(['O', undefined, { version: 'W/"11"' }]);
    const gone = await tenant.send('DELETE', `/Users/${id}`, undefined, ASYNC);
    expect(await resultOf(tenant, gone)).toMatchObject([{ method: 'DELETE', status: '204' }]);
    expect((await tenant.get(`/Users/${id}`)).status).toBe(404);
  });

  it('R105 of many operations tell what a bulk request tells, references included', async () => {
    const accepted = await tenant.send(
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: [
          { method: 'POST', path: '/Users', bulkId: 'ann', data: { schemas: [USER], userName: 'async.ann' } },
          { method: 'POST', path: '/Users', bulkId: 'again', data: { schemas: [USER], userName: 'async.ann' } },
          {
            method: 'POST',
            path: '/Groups',
            bulkId: 'team',
            data: { schemas: [GROUP], displayName: 'Async', members: [{ value: 'bulkId:ann' }] },
          },
        ],
      },
      ASYNC,
    );
    expect(accepted.status).toBe(202);
    const operations = await resultOf(tenant, accepted);
    expect(operations.map(({ bulkId, status }) => [bulkId, status])).toEqual([
      ['ann', '201'],
      ['again', '409'],
      ['team', '201'],
    ]);
    expect(operations[1]).toMatchObject({ response: { schemas: [ERROR], scimType: 'uniqueness' } });
  });

  it('R110 that no bulk request can be are refused at once', async () => {
    const answer = await tenant.send('POST', '/Bulk', { schemas: ['x'], Operations: [] }, ASYNC);
    expect(answer.body).toMatchObject({ status: '400', scimType: 'invalidSyntax' });
  });

  it('X7 have one txn with their events on Kafka, with the index of the operation in a bulk request', async () => {
    const single = await create('async.txn');
    const bulk = await tenant.send(
      'POST',
      '/Bulk',
      {
        schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
        Operations: times(2).map((i) => ({
          method: 'POST',
          path: '/Users',
          bulkId: `u${i}`,
          data: { schemas: [USER], userName: `async.txn.${i}` },
        })),
      },
      ASYNC,
    );
    const [one, many] = [single, bulk].map(({ headers }) => headers.get('set-txn') ?? '');
    const wanted = [one ?? '', `${many}:0`, `${many}:1`];
    const records = await readTopics(system, ['changes.v1'], (all) =>
      wanted.every((txn) => all.some(({ headers }) => headers['ce_txn'] === txn)),
    );
    for (const txn of wanted)
      expect(
        records.filter(({ headers }) => headers['ce_txn'] === txn).map(({ headers }) => headers['ce_type']),
      ).toEqual(['user.created']);
  });

  it('with an Idempotency-Key create once, however often they are sent', async () => {
    const headers = { ...ASYNC, 'idempotency-key': 'async-key' };
    const sent = [await create('async.key', headers), await create('async.key', headers)];
    const [first, second] = await Promise.all(sent.map((accepted) => resultOf(tenant, accepted)));
    expect(first).toMatchObject([{ status: '201' }]);
    expect(second?.[0]?.['location']).toBe(first?.[0]?.['location']);
    expect(await total('userName eq "async.key"')).toBe(1);
  });

  it('R125 are unknown to other tenants, and to nobody told without a credential', async () => {
    const accepted = await create('async.mine');
    const location = accepted.headers.get('location') ?? '';
    const other = await TenantClient.create(system);
    const place = location.slice(tenant.scimUrl.length);
    expect((await other.get(place)).status).toBe(404);
    expect((await tenant.get('/.requests/nonsense')).status).toBe(404);
    const withForeignToken = await fetch(location, { headers: { authorization: `Bearer ${other.token}` } });
    expect([withForeignToken.status, (await fetch(location)).status]).toEqual([403, 401]);
  });

  it('leave requests without the preference, and reads, as they were', async () => {
    expect((await create('async.not', { prefer: 'return=minimal' })).status).toBe(201);
    expect((await tenant.get('/Users?count=1', ASYNC)).status).toBe(200);
    expect((await tenant.send('POST', '/Users/.search', { count: 1 }, ASYNC)).status).toBe(200);
  });
});
