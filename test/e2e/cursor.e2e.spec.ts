import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, send, TenantClient, times, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000);

describe('paging by cursor (RFC 9865)', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
    for (const n of times(7)) await tenant.user(`user-${n}`, n % 2 === 0 ? { title: `T${9 - n}` } : {});
    await tenant.group('Group');
  });
  afterAll(() => system.stop());

  const page = (parameters: Readonly<Record<string, string>>, path = '/Users', client = tenant) =>
    client.get(`${path}?${new URLSearchParams(parameters).toString()}`);
  const cursorOf = (body: Body) => (body['nextCursor'] ?? '') as string;

  /** All pages of a query, each by the cursor of the one before. */
  const walk = async (fetch: (cursor: string) => Promise<Body>): Promise<readonly Body[]> => {
    const pages = [await fetch('')];
    for (let cursor = cursorOf(pages[0] ?? ({} as Body)); cursor !== '' && pages.length < 20;) {
      const next = await fetch(cursor);
      pages.push(next);
      cursor = cursorOf(next);
    }
    return pages;
  };
  const ids = (pages: readonly Body[]) => pages.flatMap(({ Resources }) => Resources.map(({ id }) => id));

  it('X5 R119 is told in ServiceProviderConfig, and is not the default', async () => {
    expect((await tenant.get('/ServiceProviderConfig')).body['pagination']).toEqual({
      cursor: true,
      index: true,
      defaultPaginationMethod: 'index',
      defaultPageSize: 100,
      maxPageSize: 1000,
      cursorTimeout: 3600,
    });
    const { body } = await page({ count: '2' });
    expect(body).toMatchObject({ startIndex: 1, itemsPerPage: 2 });
    expect(body).not.toHaveProperty('nextCursor');
  });

  it.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['users', '/Users', {}],
    ['groups', '/Groups', {}],
    ['all types', '/', {}],
    ['matches of a filter', '/Users', { filter: 'title pr' }],
    ['a sorted list', '/Users', { sortBy: 'title', sortOrder: 'descending' }],
    ['all types, sorted', '/', { sortBy: 'displayName' }],
  ])('X1 X2 goes through %s: each once, in order, totals on every page', async (_name, path, query) => {
    const whole = (await page(query, path)).body;
    const pages = await walk(async (cursor) => (await page({ ...query, count: '2', cursor }, path)).body);
    expect(ids(pages)).toEqual(ids([whole]));
    for (const [n, { totalResults, itemsPerPage, ...rest }] of pages.entries()) {
      const isLast = n === pages.length - 1;
      expect([totalResults, itemsPerPage]).toEqual([whole.totalResults, isLast ? whole.totalResults - 2 * n : 2]);
      expect(rest).not.toHaveProperty('startIndex');
      expect('nextCursor' in rest).toBe(!isLast);
      if (!isLast) expect(rest['nextCursor']).toMatch(/^[\w.~-]+$/);
    }
  });

  it('X6 works in a search by POST, and its cursors are those of GET', async () => {
    const search = async (cursor: string) =>
      (await tenant.send('POST', '/Users/.search', { count: 3, cursor, filter: 'userName sw "user"' })).body;
    const pages = await walk(search);
    expect(ids(pages)).toHaveLength(7);
    const byGet = await page({ count: '3', filter: 'userName sw "user"', cursor: cursorOf(pages[0] ?? ({} as Body)) });
    expect(ids([byGet.body])).toEqual(ids(pages.slice(1, 2)));
  });

  it('X1 a cursor without a value begins', async () =>
    expect((await tenant.get('/Users?count=2&cursor')).body).toHaveProperty('nextCursor'));

  it('X2 goes on where it was while resources come and go', async () => {
    const client = await TenantClient.create(system);
    const made = [];
    for (const n of times(6)) made.push(await client.user(`u${n}`));
    const first = await page({ count: '2', cursor: '' }, '/Users', client);
    await client.send('DELETE', `/Users/${made[0]}`);
    await client.send('DELETE', `/Users/${made[1]}`);
    const late = await client.user('late');
    const second = await page({ count: '2', cursor: cursorOf(first.body) }, '/Users', client);
    const third = await page({ count: '2', cursor: cursorOf(second.body) }, '/Users', client);
    const fourth = await page({ count: '2', cursor: cursorOf(third.body) }, '/Users', client);
    expect(ids([first.body, second.body, third.body, fourth.body])).toEqual([...made, late]);
    expect(fourth.body).not.toHaveProperty('nextCursor');
  });

  it('X3 count 0 tells the total alone', async () => {
    for (const count of ['0', '-4']) {
      const { body } = await page({ count, cursor: '' });
      expect(body).toMatchObject({ totalResults: 7, itemsPerPage: 0, Resources: [] });
      expect(body).not.toHaveProperty('nextCursor');
    }
  });

  describe('X4 X6 a cursor is refused', () => {
    const first = async () => cursorOf((await page({ count: '2', cursor: '', filter: 'active eq true' })).body);
    const query = { count: '2', filter: 'active eq true' };

    it('forged, with another query, or of another endpoint: invalidCursor', async () => {
      const cursor = await first();
      const answers = await Promise.all([
        page({ ...query, cursor: 'forged' }),
        page({ ...query, cursor: `${cursor}AAAA` }),
        page({ ...query, cursor, filter: 'active eq false' }),
        page({ ...query, cursor, sortBy: 'userName' }),
        page({ ...query, cursor }, '/Groups'),
        page({ ...query, cursor }, '/'),
      ]);
      for (const { status, body } of answers)
        expect([status, body]).toEqual([400, expect.objectContaining({ schemas: [ERROR], scimType: 'invalidCursor' })]);
      expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1);
    });

    it('of another tenant, or of another credential of the tenant: as a forged one', async () => {
      const cursor = await first();
      const other = await TenantClient.create(system);
      const token = await send(`${system.url}/admin/v1/tenants/${tenant.id}/tokens`, {
        method: 'POST',
        token: system.adminToken,
        headers: { 'content-type': 'application/json' },
        body: { name: 'second', expiresInDays: 1 },
      });
      const forged = await page({ ...query, cursor: 'forged' });
      const foreign = await page({ ...query, cursor }, '/Users', other);
      const url = `${tenant.scimUrl}/Users?${new URLSearchParams({ ...query, cursor }).toString()}`;
      const colleague = await send(url, { token: token.body.token });
      expect([foreign.status, foreign.body]).toEqual([400, forged.body]);
      expect([colleague.status, colleague.body]).toEqual([400, forged.body]);
    });

    it('with another count, or one out of range: invalidCount', async () => {
      const cursor = await first();
      for (const change of [
        { count: '3', cursor },
        { count: '1001', cursor: '' },
      ])
        expect((await page({ ...query, ...change })).body).toMatchObject({ status: '400', scimType: 'invalidCount' });
    });

    it('X6 without a credential, as every page is authorised', async () => {
      const answer = await send(
        `${tenant.scimUrl}/Users?${new URLSearchParams({ ...query, cursor: await first() }).toString()}`,
      );
      expect(answer.status).toBe(401);
    });
  });
});
