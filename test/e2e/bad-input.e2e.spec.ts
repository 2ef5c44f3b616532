import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { request } from 'node:http';
import { ERROR, send, TenantClient, USER } from './clients.js';
import { startSystem, type RunningSystem, type Topology } from './running-system.js';

jest.setTimeout(120_000);

const topologies: readonly Topology[] = ['one process', 'separate services'];

describe.each(topologies)('bad input is refused with a SCIM error, and the process lives on: %s', (topology) => {
  let system: RunningSystem;
  let tenant: TenantClient;
  let user: string;

  beforeAll(async () => {
    system = await startSystem(topology);
    // Past the ingress, which has its own opinion of what is not HTTP.
    tenant = (await TenantClient.create(system)).through(system.scimApis[0] ?? '');
    user = await tenant.user('victim');
  });

  afterAll(async () => {
    const alive = await tenant.get(`/Users/${user}`);
    await system.stop();
    expect(alive.status).toBe(200);
  });

  const raw = (method: string, path: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
    send(tenant.scimUrl + path, { method, token: tenant.token, raw: body, headers });

  const deep = (depth: number) => `${'('.repeat(depth)}userName eq "x"${')'.repeat(depth)}`;
  const nested = `{"schemas":["${USER}"],"userName":"x","name":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`;

  it.each([
    ['R48 no body', 'POST', '/Users', '', 400, 'invalidSyntax'],
    ['R48 JSON cut short', 'POST', '/Users', '{"schemas":["x"', 400, 'invalidSyntax'],
    ['R48 a list instead of an object', 'POST', '/Users', '[]', 400, 'invalidSyntax'],
    ['R48 a string instead of an object', 'POST', '/Users', '"text"', 400, 'invalidSyntax'],
    ['R48 no schemas', 'POST', '/Users', '{"userName":"x"}', 400, 'invalidSyntax'],
    ['R48 no userName', 'POST', '/Users', `{"schemas":["${USER}"]}`, 400, 'invalidValue'],
    ['a NUL byte in a string', 'POST', '/Users', `{"schemas":["${USER}"],"userName":"a\\u0000b"}`, 400, 'invalidValue'],
    ['R28 a number for a name', 'POST', '/Users', `{"schemas":["${USER}"],"userName":7}`, 400, 'invalidValue'],
    ['50,000 levels of nesting', 'POST', '/Users', nested, 400, 'invalidSyntax'],
    [
      'R84 a PATCH without operations',
      'PATCH',
      '/Users/{user}',
      '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}',
      400,
      'invalidSyntax',
    ],
    [
      'R110 a user of 2 MB',
      'POST',
      '/Users',
      `{"schemas":["${USER}"],"userName":"${'x'.repeat(2_000_000)}"}`,
      413,
      undefined,
    ],
  ])('%s', async (_name, method, path, body, status, scimType) => {
    const answer = await raw(method, path.replace('{user}', user), body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/scim+json');
    expect(answer.body).toMatchObject({
      schemas: [ERROR],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
    });
    expect(
      Object.keys(answer.body).filter((key) => !['schemas', 'status', 'scimType', 'detail'].includes(key)),
    ).toEqual([]);
    expect(answer.body.detail).not.toMatch(/node_modules|at \w+ \(|\.ts:/);
  });

  it.each([
    ['R67 a filter 10,000 deep', `/Users?filter=${encodeURIComponent(deep(10_000))}`, 400, 'invalidFilter'],
    ['R58 an unknown operator', `/Users?filter=${encodeURIComponent('userName like "x"')}`, 400, 'invalidFilter'],
    ['R58 a filter cut short', `/Users?filter=${encodeURIComponent('userName eq "x')}`, 400, 'invalidFilter'],
    ['R60 gt on a boolean', `/Users?filter=${encodeURIComponent('active gt true')}`, 400, 'invalidFilter'],
    ['R73 a count that is no number', '/Users?count=many', 400, 'invalidValue'],
    ['R73 a startIndex that is no number', '/Users?startIndex=1e3', 400, 'invalidValue'],
    ['R50 an unknown id', '/Users/no-such-id', 404, undefined],
    ['an id with a NUL byte', '/Users/%00', 404, undefined],
    ['an id of 400 characters', `/Users/${'x'.repeat(400)}`, 404, undefined],
    ['a filter with a NUL byte', `/Users?filter=${encodeURIComponent('userName eq "\\u0000"')}`, 400, 'invalidFilter'],
    ['R8 an unknown endpoint', '/Persons', 404, undefined],
    ['R8 a broken percent sequence', '/Users/%E0%A4%A', 400, undefined],
  ])('%s', async (_name, path, status, scimType) => {
    const answer = await tenant.get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toBe('application/scim+json');
    if (status !== 200)
      expect(answer.body).toMatchObject({
        schemas: [ERROR],
        status: String(status),
        ...(scimType === undefined ? {} : { scimType }),
      });
  });

  it('R3 a wrong content type is 415', async () => {
    const answer = await raw('POST', '/Users', 'userName=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect([answer.status, answer.body['schemas']]).toEqual([415, [ERROR]]);
  });

  it('R3 R2 JSON with a charset is taken, and plain JSON answered to a client that asks for it alone', async () => {
    const headers = { 'content-type': 'application/json; charset=utf-8', accept: 'application/json' };
    const answer = await raw('POST', '/Users', JSON.stringify({ schemas: [USER], userName: 'plain-json' }), headers);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([201, 'application/json']);
  });

  it('R11 no token, a wrong token and another scheme are 401 with WWW-Authenticate', async () => {
    for (const authorization of [undefined, 'Bearer wrong', 'Basic dXNlcjpwYXNz', 'Bearer ']) {
      const answer = await send(
        `${tenant.scimUrl}/Users`,
        authorization === undefined ? {} : { headers: { authorization } },
      );
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(answer.body).toMatchObject({ schemas: [ERROR], status: '401' });
    }
  });

  it('an unknown tenant is told nothing', async () => {
    const answer = await send(`${system.scimApis[0]}/t/no-such-tenant/scim/v2/Users`, { token: tenant.token });
    expect([401, 403, 404]).toContain(answer.status);
    expect(answer.body).toMatchObject({ schemas: [ERROR] });
  });

  it('R8 a wrong verb on a discovery endpoint is 405', async () => {
    const answer = await tenant.send('DELETE', '/ServiceProviderConfig');
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('a client that hangs up in the middle of a body leaves nothing behind', async () => {
    const { hostname, port, pathname } = new URL(`${tenant.scimUrl}/Users`);
    await new Promise<void>((resolve) => {
      const half = request({
        hostname,
        port,
        path: pathname,
        method: 'POST',
        headers: {
          authorization: `Bearer ${tenant.token}`,
          'content-type': 'application/scim+json',
          'content-length': '1000',
        },
      });
      half.on('error', () => resolve());
      half.write(`{"schemas":["${USER}"],"userName":"half"`, () => half.destroy());
    });
    const found = await tenant.get(`/Users?filter=${encodeURIComponent('userName eq "half"')}`);
    expect(found.body.totalResults).toBe(0);
  });
});
