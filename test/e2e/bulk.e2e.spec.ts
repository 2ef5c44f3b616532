import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import { ERROR, GROUP, send, TenantClient, times, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000);

const REQUEST = 'urn:ietf:params:scim:api:messages:2.0:BulkRequest';
const RESPONSE = 'urn:ietf:params:scim:api:messages:2.0:BulkResponse';
const PATCH = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

interface Result {
  readonly method: string;
  readonly bulkId?: string;
  readonly location?: string;
  readonly version?: string;
  readonly status: string;
  readonly response?: object;
}

const user = (bulkId: string, data: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [USER], userName: bulkId, ...data },
});
const group = (bulkId: string, ...members: readonly string[]) => ({
  method: 'POST',
  path: '/Groups',
  bulkId,
  data: { schemas: [GROUP], displayName: bulkId, members: members.map((value) => ({ value })) },
});
const managedBy = (value: string) => ({ [ENTERPRISE]: { manager: { value } } });
const refused = (status: string, scimType?: string) => ({
  status,
  response: { schemas: [ERROR], status, detail: expect.any(String), ...(scimType === undefined ? {} : { scimType }) },
});

describe('bulk', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
  });
  afterAll(() => system.stop());

  const bulk = async (operations: readonly unknown[], rest: object = {}): Promise<readonly Result[]> => {
    const answer = await tenant.send('POST', '/Bulk', { schemas: [REQUEST], Operations: operations, ...rest });
    expect([answer.status, answer.body['schemas']]).toEqual([200, [RESPONSE]]);
    return answer.body['Operations'] as readonly Result[];
  };
  const statuses = (results: readonly Result[]) => results.map(({ status }) => status).join(' ');
  const idOf = (result: Result | undefined) => result?.location?.replace(/^.*\//, '') ?? '';
  const membersOf = async (id: string) =>
    (await tenant.get(`/Groups/${id}`)).body.members?.map(({ value }) => value) ?? [];
  const managerOf = async (id: string) =>
    ((await tenant.get(`/Users/${id}`)).body[ENTERPRISE] as { manager?: { value: string } } | undefined)?.manager
      ?.value;
  const total = async (filter: string) =>
    (await tenant.get(`/?count=0&filter=${encodeURIComponent(filter)}`)).body.totalResults;

  it('R104 R105 carries out operations of every kind, each with status, location and version', async () => {
    const [ann, bob] = [await tenant.user('kind-ann'), await tenant.user('kind-bob')];
    const results = await bulk([
      user('kind-new'),
      { method: 'PUT', path: `/Users/${ann}`, data: { schemas: [USER], userName: 'kind-ann', title: 'Guide' } },
      {
        method: 'PATCH',
        path: `/Users/${bob}`,
        bulkId: 'echoed',
        data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'active', value: false }] },
      },
      { method: 'DELETE', path: `/Users/${ann}` },
    ]);
    const base = `${tenant.scimUrl}/Users`;
    expect(results).toEqual([
      {
        method: 'POST',
        bulkId: 'kind-new',
        location: expect.stringMatching(/\/Users\/[\w-]+$/),
        version: 'W/"0"',
        status: '201',
      },
      { method: 'PUT', location: `${base}/${ann}`, version: 'W/"1"', status: '200' },
      { method: 'PATCH', bulkId: 'echoed', location: `${base}/${bob}`, version: 'W/"1"', status: '200' },
      { method: 'DELETE', location: `${base}/${ann}`, status: '204' },
    ]);
    expect((await tenant.get(`/Users/${ann}`)).status).toBe(404);
    expect((await tenant.get(`/Users/${bob}`)).body['active']).toBe(false);
    expect(
      (await fetch(results[0]?.location ?? '', { headers: { authorization: `Bearer ${tenant.token}` } })).status,
    ).toBe(200);
  });

  it('R105 every operation that fails has the body that a request of its own would have', async () => {
    await tenant.user('fails-taken');
    const results = await bulk([
      user('fails-taken'),
      { method: 'DELETE', path: '/Users/no-such-id' },
      { method: 'POST', path: '/Users', bulkId: 'x', data: { schemas: [USER] } },
      { method: 'GET', path: '/Users' },
      { method: 'POST', path: '/Users', data: { schemas: [USER], userName: 'fails-no-bulk-id' } },
      { method: 'POST', path: '/Persons', bulkId: 'y', data: {} },
      'nonsense',
      user('fails-not'),
    ]);
    expect(results).toEqual([
      { method: 'POST', bulkId: 'fails-taken', ...refused('409', 'uniqueness') },
      { method: 'DELETE', location: `${tenant.scimUrl}/Users/no-such-id`, ...refused('404') },
      { method: 'POST', bulkId: 'x', ...refused('400', 'invalidValue') },
      { method: 'GET', ...refused('400', 'invalidSyntax') },
      { method: 'POST', ...refused('400', 'invalidValue') },
      { method: 'POST', bulkId: 'y', ...refused('404') },
      { method: '', ...refused('400', 'invalidSyntax') },
      { method: 'POST', bulkId: 'fails-not', location: expect.any(String), version: 'W/"0"', status: '201' },
    ]);
  });

  describe('R107 references', () => {
    it('lead forwards and backwards, in members and paths', async () => {
      const results = await bulk([
        group('ref-group', 'bulkId:ref-late', 'bulkId:ref-nested'),
        user('ref-early'),
        group('ref-nested', 'bulkId:ref-early'),
        user('ref-late', managedBy('bulkId:ref-early')),
        {
          method: 'PATCH',
          path: '/Groups/bulkId:ref-group',
          data: {
            schemas: [PATCH],
            Operations: [{ op: 'add', path: 'members', value: [{ value: 'bulkId:ref-early' }] }],
          },
        },
        {
          method: 'PATCH',
          path: '/Groups/bulkId:ref-group',
          data: { schemas: [PATCH], Operations: [{ op: 'remove', path: 'members[value eq "bulkId:ref-late"]' }] },
        },
      ]);
      expect(statuses(results)).toBe('201 201 201 201 204 204');
      const [all, early, nested, late, patched] = results.map(idOf);
      expect(patched).toBe(all);
      expect((await membersOf(all ?? '')).sort()).toEqual([early, nested].sort());
      expect(await membersOf(nested ?? '')).toEqual([early]);
      expect(await managerOf(late ?? '')).toBe(early);
    });

    it('to what nobody creates, or what failed, fail the operation alone', async () => {
      const results = await bulk([
        group('lost-a', 'bulkId:nobody'),
        { method: 'POST', path: '/Users', bulkId: 'lost-failed', data: { schemas: [USER] } },
        user('lost-b', managedBy('bulkId:lost-failed')),
        { method: 'DELETE', path: '/Users/bulkId:lost-failed' },
        user('lost-c'),
        { ...user('lost-c'), data: { schemas: [USER], userName: 'lost-d' } },
      ]);
      expect(statuses(results)).toBe('400 400 409 409 201 400');
      expect(await total('displayName eq "lost-a" or userName sw "lost-"')).toBe(1);
    });
  });

  describe('R108 circles', () => {
    it('of groups, and of users and their managers, are closed', async () => {
      const results = await bulk([
        group('circle-a', 'bulkId:circle-b'),
        group('circle-b', 'bulkId:circle-c'),
        group('circle-c', 'bulkId:circle-a'),
        user('circle-x', managedBy('bulkId:circle-y')),
        user('circle-y', managedBy('bulkId:circle-x')),
        user('circle-self', managedBy('bulkId:circle-self')),
      ]);
      expect(statuses(results)).toBe('201 201 201 201 201 201');
      const [a = '', b = '', c = '', x = '', y = '', self = ''] = results.map(idOf);
      expect([await membersOf(a), await membersOf(b), await membersOf(c)]).toEqual([[b], [c], [a]]);
      expect([await managerOf(x), await managerOf(y), await managerOf(self)]).toEqual([y, x, self]);
      const answers = await Promise.all(results.map(({ location = '' }) => send(location, { token: tenant.token })));
      expect(answers.map(({ headers }) => headers.get('etag'))).toEqual(results.map(({ version }) => version));
    });

    it('that cannot be closed are 409, and leave nothing behind', async () => {
      await tenant.user('broken-taken');
      const results = await bulk([
        user('broken-taken', managedBy('bulkId:broken-other')),
        user('broken-other', managedBy('bulkId:broken-taken')),
        group('broken-self', 'bulkId:broken-self'),
      ]);
      expect(statuses(results)).toBe('409 409 400');
      expect(await total('userName sw "broken-" or displayName sw "broken-"')).toBe(1);
      expect(results[1]).not.toHaveProperty('location');
    });
  });

  it('R106 goes on after errors, and stops after as many as failOnErrors says', async () => {
    const bad = { method: 'DELETE', path: '/Users/no-such-id' };
    expect(statuses(await bulk([bad, user('stop-1'), bad, user('stop-2')]))).toBe('404 201 404 201');
    expect(statuses(await bulk([bad, user('stop-3'), bad, user('stop-4')], { failOnErrors: 2 }))).toBe('404 201 404');
    expect(await total('userName sw "stop-"')).toBe(3);
  });

  it('R109 operations on one resource are done in the order sent', async () => {
    const id = await tenant.user('order');
    const titles = times(20).map((n) => `Title ${n}`);
    const results = await bulk([
      ...titles.map((value) => ({
        method: 'PATCH',
        path: `/Users/${id}`,
        data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value }] },
      })),
      user('order-first', { userName: 'Order-Same' }),
      user('order-second', { userName: 'order-same' }),
      { method: 'DELETE', path: '/Users/bulkId:order-first' },
      user('order-third', { userName: 'ORDER-SAME' }),
    ]);
    expect(results.map(({ version }) => version).slice(0, 20)).toEqual(titles.map((_, n) => `W/"${n + 1}"`));
    expect(statuses(results.slice(20))).toBe('201 409 204 201');
    expect((await tenant.get(`/Users/${id}`)).body['title']).toBe('Title 19');
  });

  it('R104 R117 a version that is not the current one fails its operation with 412', async () => {
    const id = await tenant.user('versioned');
    const patch = (title: string, version: string) => ({
      method: 'PATCH',
      path: `/Users/${id}`,
      version,
      data: { schemas: [PATCH], Operations: [{ op: 'replace', path: 'title', value: title }] },
    });
    const results = await bulk([patch('one', 'W/"0"'), patch('two', 'W/"0"'), patch('three', 'W/"1"')]);
    expect(statuses(results)).toBe('200 412 200');
    expect((await tenant.get(`/Users/${id}`)).body['title']).toBe('three');
  });

  describe('R110 limits', () => {
    const post = (operations: readonly object[]): Promise<Answer> =>
      tenant.send('POST', '/Bulk', { schemas: [REQUEST], Operations: operations });

    it('R119 are published', async () =>
      expect((await tenant.get('/ServiceProviderConfig')).body['bulk']).toEqual({
        supported: true,
        maxOperations: 1000,
        maxPayloadSize: 1024 * 1024,
      }));

    it('one operation too many: 413 naming the limit, nothing processed', async () => {
      const answer = await post(times(1001).map((n) => user(`many-${n}`)));
      expect([answer.status, answer.body['schemas'], answer.body.detail]).toEqual([
        413,
        [ERROR],
        expect.stringContaining('maxOperations (1000)'),
      ]);
      expect(await total('userName sw "many-"')).toBe(0);
    });

    it('a body too large: 413 naming the limit, nothing processed', async () => {
      const answer = await post(times(9).map((n) => user(`large-${n}`, { title: 'x'.repeat(130_000) })));
      expect([answer.status, answer.body['schemas'], answer.body.detail]).toEqual([
        413,
        [ERROR],
        expect.stringContaining('maxPayloadSize (1048576)'),
      ]);
      expect(await total('userName sw "large-"')).toBe(0);
    });

    it('as many as are allowed are done', async () => {
      const results = await bulk(times(1000).map((n) => user(`full-${n}`)));
      expect(new Set(results.map(({ status }) => status))).toEqual(new Set(['201']));
      expect(results.map(({ bulkId }) => bulkId)).toEqual(times(1000).map((n) => `full-${n}`));
      expect(await total('userName sw "full-"')).toBe(1000);
    });

    it.each([
      ['R48 no BulkRequest', { Operations: [] }, 'invalidSyntax'],
      [
        'R106 failOnErrors that is no count',
        { schemas: [REQUEST], failOnErrors: -1, Operations: [{}] },
        'invalidValue',
      ],
    ])('%s is refused as a whole', async (_name, body, scimType) =>
      expect((await tenant.send('POST', '/Bulk', body)).body).toMatchObject({ status: '400', scimType }),
    );

    it('R8 takes POST alone', async () => {
      const answer = await tenant.get('/Bulk');
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('R111 each operation', () => {
    it('is audited by itself, under the request it came in', async () => {
      const database = new pg.Client(system.ownerDatabaseUrl);
      await database.connect();
      const answer = await tenant.send(
        'POST',
        '/Bulk',
        { schemas: [REQUEST], Operations: [user('audit-1'), group('audit-2', 'bulkId:audit-1')] },
        { 'x-request-id': 'audited-request' },
      );
      expect(answer.status).toBe(200);
      const { rows } = await database.query<{ type: string; txn: string }>(
        `SELECT type, metadata ->> 'txn' AS txn FROM events
          WHERE tenant_id = $1 AND metadata ->> 'requestId' = 'audited-request' AND type LIKE ANY ('{User%,Group%}')
          ORDER BY sequence`,
        [tenant.id],
      );
      await database.end();
      expect(rows).toEqual([
        { type: 'UserCreated', txn: 'audited-request:0' },
        { type: 'GroupCreated', txn: 'audited-request:1' },
        { type: 'GroupMembersAdded', txn: 'audited-request:1' },
      ]);
    });

    it('is atomic: a group with one unknown member is not there at all', async () => {
      const results = await bulk([user('atomic'), group('atomic-group', 'bulkId:atomic', 'no-such-id')]);
      expect(results[1]).toMatchObject(refused('400', 'invalidValue'));
      expect(await total('displayName eq "atomic-group"')).toBe(0);
    });

    it('counts in the rate: a job is admitted on a positive balance and may leave a debt', async () => {
      const poor = await TenantClient.create(system, { rateLimit: { perSecond: 1, burst: 5 } });
      const job = { schemas: [REQUEST], Operations: times(20).map((n) => user(`rate-${n}`)) };
      expect((await poor.send('POST', '/Bulk', job)).status).toBe(200);
      const next = await poor.get('/Users');
      expect([next.status, Number(next.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
      expect(Number(next.headers.get('retry-after'))).toBeGreaterThan(10);
    });

    it('R125 reaches nothing of another tenant', async () => {
      const other = await TenantClient.create(system);
      const foreign = await other.user('foreign');
      const results = await bulk([{ method: 'DELETE', path: `/Users/${foreign}` }, group('adopts', foreign)]);
      expect(statuses(results)).toBe('404 400');
      expect((await other.get(`/Users/${foreign}`)).status).toBe(200);
    });
  });
});
