import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { GROUP, send, TenantClient, times, USER } from '../clients.js';
import { startSystem, type RunningSystem } from '../running-system.js';

jest.setTimeout(120_000);

describe('queries and discovery over HTTP', () => {
  let system: RunningSystem;
  let tenant: TenantClient;

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
  });

  afterAll(() => system.stop());

  const filtered = (text: string, type = 'Users') => tenant.get(`/${type}?filter=${text}`);

  it('R10 a filter may be written with %20 or +, %22 or quotes, and in UTF-8', async () => {
    await tenant.user('zoë+test@example.com');
    for (const filter of [
      'userName%20eq%20%22zo%C3%AB%2Btest@example.com%22',
      'userName+eq+%22zo%c3%ab%2btest%40example.com%22',
      'userName%20eq%20"zo%C3%AB%2Btest@example.com"',
    ])
      expect([filter, (await filtered(filter)).body.totalResults]).toEqual([filter, 1]);
    expect((await filtered('userName%20eq%20%22zo%25C3%25AB%22')).body.totalResults).toBe(0);
  });

  it('R9 nothing is answered with a redirect, nor is a slash at the end needed or refused', async () => {
    for (const path of ['/Users/', '/Users', '/Groups/', '/ServiceProviderConfig/', '/', '']) {
      const answer = await fetch(tenant.scimUrl + path, {
        redirect: 'manual',
        headers: { authorization: `Bearer ${tenant.token}` },
      });
      expect([path, answer.status >= 300 && answer.status < 400]).toEqual([path, false]);
    }
  });

  it('R55 a single resource takes attributes; a filter beside its id does no harm', async () => {
    const id = await tenant.user('single');
    const answer = await tenant.get(`/Users/${id}?attributes=userName&filter=${encodeURIComponent('title pr')}`);
    expect([200, 400]).toContain(answer.status);
    expect((await tenant.get(`/Users/${id}?excludedAttributes=userName`)).body['userName']).toBeUndefined();
  });

  it('R74 C-O4 C-E14 an import page by page sees everybody once, in one order, whatever the page size', async () => {
    const importing = await TenantClient.create(system);
    await Promise.all(times(23).map((n) => importing.user(`import-${n}`)));
    const read = async (size: number) => {
      const ids: string[] = [];
      for (let startIndex = 1, total = 1; startIndex <= total; startIndex += size) {
        const { body } = await importing.get(`/Users?startIndex=${startIndex}&count=${size}`);
        expect(body).toMatchObject({ startIndex, itemsPerPage: body.Resources.length, totalResults: 23 });
        ids.push(...body.Resources.map(({ id }) => id));
        total = body.totalResults;
      }
      return ids;
    };
    const whole = await read(100);
    expect(new Set(whole).size).toBe(23);
    expect(await read(5)).toEqual(whole);
    expect(await read(1)).toEqual(whole);
  });

  it('F17 C-S4 conditions on several attributes, grouped and negated, find who satisfies them', async () => {
    const many = await TenantClient.create(system);
    await many.user('f17-a', { title: 'Engineer', externalId: 'f17' });
    await many.user('f17-b', { title: 'Manager', externalId: 'f17', active: false });
    const found = async (filter: string) =>
      (await many.get(`/Users?sortBy=userName&filter=${encodeURIComponent(filter)}`)).body.Resources.map(
        (user) => user['userName'],
      );
    expect(await found('externalId eq "f17" and not (title co "manage" or active eq false)')).toEqual(['f17-a']);
    expect(await found('(title sw "eng" or title sw "man") and userName ew "b"')).toEqual(['f17-b']);
  });

  describe('discovery', () => {
    it('R15 needs no credentials and tells nothing of which tenants there are', async () => {
      const unknown = tenant.scimUrl.replace(tenant.id, 'no-such-tenant');
      for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas', `/Schemas/${USER}`]) {
        const [known, other] = [await send(tenant.scimUrl + path), await send(unknown + path)];
        expect([path, known.status, other.status]).toEqual([path, 200, 200]);
        expect(JSON.stringify(other.body).replaceAll('no-such-tenant', tenant.id)).toBe(JSON.stringify(known.body));
      }
    });

    it('R120 C-E13 C-N5 all of it is there, in lists and one by one', async () => {
      for (const [list, single] of [
        ['/Schemas', `/Schemas/${USER}`],
        ['/Schemas', `/Schemas/${GROUP}`],
        ['/ResourceTypes', '/ResourceTypes/User'],
      ] as const) {
        const { status, body } = await tenant.get(single);
        expect([single, status]).toEqual([single, 200]);
        expect((await tenant.get(list)).body.Resources).toContainEqual(body);
      }
      expect((await tenant.get('/ResourceTypes/Nothing')).status).toBe(404);
      const user = (await tenant.get(`/Schemas/${USER}`)).body as unknown as {
        attributes: { name: string; subAttributes?: { name: string; canonicalValues?: string[] }[] }[];
      };
      const type = user.attributes
        .find(({ name }) => name === 'emails')
        ?.subAttributes?.find(({ name }) => name === 'type');
      expect(type?.canonicalValues).toContain('work');
    });

    it('R22 messages are no schemas', async () => {
      const { body } = await tenant.get('/Schemas');
      expect(body.Resources.map(({ id }) => id).filter((id) => id.includes(':api:messages:'))).toEqual([]);
      expect(body.totalResults).toBe(body.Resources.length);
    });

    it('R121 F6 sorting and paging change nothing, nor does a Content-Type; a filter is refused', async () => {
      for (const path of ['/Schemas', '/ResourceTypes']) {
        const whole = await tenant.get(path);
        expect((await tenant.get(`${path}?sortBy=id&sortOrder=descending&startIndex=2&count=1`)).body).toEqual(
          whole.body,
        );
        expect((await tenant.get(path, { 'content-type': 'application/json' })).body).toEqual(whole.body);
        expect((await tenant.get(`${path}?filter=id+pr`)).status).toBe(403);
      }
    });

    it('R123 every authentication scheme has type, name and description', async () => {
      const { body } = await tenant.get('/ServiceProviderConfig');
      const schemes = body['authenticationSchemes'] as Record<string, unknown>[];
      expect(schemes.length).toBeGreaterThan(0);
      for (const scheme of schemes)
        expect(scheme).toMatchObject({
          type: expect.any(String),
          name: expect.any(String),
          description: expect.any(String),
        });
    });
  });

  it('F15 plain JSON is answered to those alone who name it and not scim+json', async () => {
    const typeFor = async (accept: string) =>
      (await tenant.get('/Users?count=1', { accept })).headers.get('content-type');
    expect(await typeFor('application/json')).toBe('application/json');
    for (const accept of ['application/scim+json', '*/*', 'application/scim+json, application/json;q=0.5', 'text/html'])
      expect([accept, await typeFor(accept)]).toEqual([accept, 'application/scim+json']);
  });

  it('C-S2 a count over 1000 is taken for 1000', async () => {
    const { status, body } = await tenant.get('/Users?count=100000');
    expect([status, body.Resources.length === body.totalResults]).toEqual([200, true]);
    const config = (await tenant.get('/ServiceProviderConfig')).body as unknown as { filter: object };
    expect(config.filter).toMatchObject({ supported: true, maxResults: 1000 });
  });

  it('R112 /Me of a token that belongs to nobody is 501', async () => {
    expect((await tenant.get('/Me')).body).toMatchObject({ status: '501' });
  });

  it('X19 C-O11 R115 beyond its rate a tenant is answered 429 with whole seconds, and others are not', async () => {
    const slow = await TenantClient.create(system, { rateLimit: { perSecond: 1, burst: 3 } });
    const answers = await Promise.all(times(20).map(() => slow.get('/Users?count=1')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const { headers, body } of refused) {
      expect(headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(body).toMatchObject({ status: '429' });
    }
    expect((await tenant.get('/Users?count=1')).status).toBe(200);
  });
});
