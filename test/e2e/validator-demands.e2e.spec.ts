import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ERROR, send, TenantClient, USER, type Answer } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

let system: RunningSystem;
let tenant: TenantClient;
let user: string;

beforeAll(async () => {
  system = await startSystem('one process');
  tenant = await TenantClient.create(system);
  user = await tenant.user('grace@example.com', {
    emails: [{ value: 'grace@example.com', type: 'work', primary: true }],
    [ENTERPRISE]: { employeeNumber: '1', department: 'Research' },
  });
}, 120_000);

afterAll(() => system.stop(), 60_000);

const found = (answer: Answer): readonly string[] => answer.body.Resources.map(({ id }) => id);
const find = (filter: string) => tenant.get(`/Users?filter=${encodeURIComponent(filter)}`);

/**
 * What scim-validator asks for beyond RFC 7644, or more strictly than it. The suite itself cannot be fetched by a build
 * (docs/conformance.md), so each demand stands here under the name of its case.
 */
describe('scim-validator', () => {
  it('USR_11 /Me is 501 for a token that belongs to no user', async () => {
    const { status, body } = await tenant.get('/Me');
    expect([status, body['schemas'], body['status']]).toEqual([501, [ERROR], '501']);
  });

  it('USR_06 PUT with another id changes no id', async () => {
    const id = await tenant.user('put@example.com');
    const answer = await tenant.send('PUT', `/Users/${id}`, { schemas: [USER], id: 'x', userName: 'put@example.com' });
    expect([answer.status, answer.body.id]).toEqual([200, id]);
  });

  it('USR_04 an id of another form is no user', async () =>
    expect((await tenant.get('/Users/nonexistent-uuid-00000000-0000')).status).toBe(404));

  it.each(['nonExistentAttr', 'id'])('PAT_08 PAT_09 PATCH of %s is refused', async (path) =>
    expect((await tenant.patch(`/Users/${user}`, [{ op: 'replace', path, value: 'x' }])).status).toBe(400),
  );

  it('FLT_18 attributes takes a name with its URN', async () => {
    const { body } = await tenant.get(`/Users/${user}?attributes=${USER}:userName`);
    expect(Object.keys(body).sort()).toEqual(['id', 'schemas', 'userName']);
  });

  it('FLT_19 attributes takes the URN of an extension', async () => {
    const { body } = await tenant.get(`/Users/${user}?attributes=${ENTERPRISE}`);
    expect(body[ENTERPRISE]).toEqual({ employeeNumber: '1', department: 'Research' });
  });

  it('FLT_25 a filter takes a name with its URN', async () =>
    expect(found(await find(`${USER}:userName eq "GRACE@example.com"`))).toEqual([user]));

  it('FLT_27 a filter may be a value path and nothing else', async () =>
    expect(found(await find('emails[type eq "work"]'))).toEqual([user]));

  it.each(['Users', 'Groups'])('FLT_16 FLT_17 /%s/.search does not mind the schemas of the request', async (type) => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:ListResponse'];
    const answer = await tenant.send('POST', `/${type}/.search`, { schemas, filter: 'displayName eq "nobody"' });
    expect([answer.status, answer.body['schemas'], answer.body.totalResults]).toEqual([200, schemas, 0]);
  });

  it.each([
    ['BLK_05 no schemas', undefined],
    ['BLK_06 the schemas of something else', [USER]],
  ])('a bulk request with %s is refused', async (_, schemas) => {
    const operation = { method: 'DELETE', path: `/Users/${user}` };
    expect((await tenant.send('POST', '/Bulk', { schemas, Operations: [operation] })).status).toBe(400);
    expect((await tenant.get(`/Users/${user}`)).status).toBe(200);
  });

  it.each([undefined, 'Bearer INVALID_TOKEN_12345'])(
    'SEC_01 SEC_02 401 says how to authenticate: %s',
    async (authorization) => {
      const answer = await send(`${tenant.scimUrl}/Users`, {
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    },
  );

  it('SEC_05 SEC_08 SEC_09 SEC_10 ETag, and 304 for the same one and for *', async () => {
    const { headers } = await tenant.get(`/Users/${user}`);
    const etag = headers.get('etag') ?? '';
    const status = async (wanted: string) => (await tenant.get(`/Users/${user}`, { 'if-none-match': wanted })).status;
    expect([await status(etag), await status('*'), await status('W/"99999"')]).toEqual([304, 304, 200]);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('SEC_06 %s of a discovery endpoint is 405', async (method) => {
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas'])
      expect((await tenant.send(method, path, method === 'DELETE' ? undefined : {})).status).toBe(405);
  });

  it('SEC_11 SEC_12 SEC_13 SEC_14 Content-Location names the resource in every answer that shows it', async () => {
    const whole = { schemas: [USER], userName: 'located@example.com' };
    const created = await tenant.send('POST', '/Users', whole);
    const path = `/Users/${created.body.id}`;
    const answers = [
      created,
      await tenant.get(path),
      await tenant.send('PUT', path, whole),
      await tenant.patch(path, [{ op: 'add', path: 'title', value: 'Guide' }]),
    ];
    for (const { headers } of answers) expect(headers.get('content-location')).toBe(tenant.scimUrl + path);
  });

  it('NEG_08 NEG_10 a path that nobody serves is 404 with an Error body', async () => {
    const { status, body } = await tenant.get('/5f0f7e8c-0000-4000-8000-000000000000');
    expect([status, body['schemas'], body['status']]).toEqual([404, [ERROR], '404']);
  });
});
