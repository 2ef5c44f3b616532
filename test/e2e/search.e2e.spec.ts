import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ERROR, TenantClient, times, type Answer, type Body } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

jest.setTimeout(120_000);

const SEARCH = 'urn:ietf:params:scim:api:messages:2.0:SearchRequest';
const LIST = 'urn:ietf:params:scim:api:messages:2.0:ListResponse';

describe('queries', () => {
  let system: RunningSystem;
  let tenant: TenantClient;
  const ids = new Map<string, string>();

  beforeAll(async () => {
    system = await startSystem('one process');
    tenant = await TenantClient.create(system);
    ids.set('ann', await tenant.user('ann', { displayName: 'Zoe', title: 'Guide', emails: [{ value: 'ann@x.org' }] }));
    ids.set('berlin', await tenant.group('Berlin', [ids.get('ann') ?? '']));
    ids.set(
      'bob',
      await tenant.user('Bob', {
        displayName: 'anton',
        emails: [{ value: 'z@x.org' }, { value: 'a@x.org', primary: true }],
      }),
    );
    ids.set('marketing', await tenant.group('Marketing'));
    ids.set('cid', await tenant.user('cid', { name: { familyName: 'Ångström' } }));
  });
  afterAll(() => system.stop());

  const nameOf = (id: string) => [...ids].find(([, known]) => known === id)?.[0] ?? id;
  const names = ({ body }: Answer) => body.Resources.map(({ id }) => nameOf(id)).join(' ');
  const query = (parameters: Readonly<Record<string, string | number>>, path = '') =>
    tenant.get(
      `${path}?${new URLSearchParams(Object.entries(parameters).map(([name, value]): [string, string] => [name, `${value}`])).toString()}`,
    );
  const search = (path: string, request: object) =>
    tenant.send('POST', `${path}/.search`, { schemas: [SEARCH], ...request });

  describe('R79 by POST', () => {
    it('answers 200 with a ListResponse', async () => {
      const answer = await search('/Users', { filter: 'userName eq "ANN"', attributes: ['userName'] });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/scim+json');
      expect(answer.body).toEqual({
        schemas: [LIST],
        totalResults: 1,
        startIndex: 1,
        itemsPerPage: 1,
        Resources: [{ schemas: expect.anything(), id: ids.get('ann'), userName: 'ann' }],
      });
    });

    it('does what GET does, with every parameter', async () => {
      const parameters = {
        filter: 'displayName pr',
        sortBy: 'displayName',
        sortOrder: 'descending',
        startIndex: 2,
        count: 1,
      };
      for (const path of ['/Users', '/Groups', '']) {
        const [byGet, byPost] = await Promise.all([
          query({ ...parameters, excludedAttributes: 'members,emails' }, path === '' ? '/' : path),
          search(path, { ...parameters, excludedAttributes: ['members', 'emails'] }),
        ]);
        expect([byPost.status, byPost.body]).toEqual([200, byGet.body]);
        expect(byGet.body).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
      }
    });

    it('is lenient on schemas', async () => {
      for (const schemas of [undefined, [], [LIST], SEARCH])
        expect((await tenant.send('POST', '/Users/.search', { schemas, count: 0 })).body.totalResults).toBe(3);
    });

    it.each([
      ['R58 a bad filter', { filter: 'userName like "x"' }, 'invalidFilter'],
      ['R66 a filter on a password', { filter: 'password eq "x"' }, 'invalidFilter'],
      ['R73 a count that is no integer', { count: 'ten' }, 'invalidValue'],
      ['R76 both projections', { attributes: ['id'], excludedAttributes: ['name'] }, 'invalidValue'],
      ['no object', undefined, 'invalidSyntax'],
    ])('refuses %s', async (_name, request, scimType) => {
      const answer = await tenant.send('POST', '/Users/.search', request ?? []);
      expect([answer.status, answer.body['schemas'], answer.body['scimType']]).toEqual([400, [ERROR], scimType]);
    });

    it('R8 takes POST alone', async () => {
      const answer = await tenant.get('/.search');
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    });
  });

  describe('R53 over all types', () => {
    it('finds users and groups, each as it is', async () => {
      const answer = await tenant.get('/');
      expect([answer.status, answer.body.totalResults, names(answer)]).toEqual([
        200,
        5,
        'ann berlin bob marketing cid',
      ]);
      const [ann, berlin] = answer.body.Resources;
      expect(ann).toEqual((await tenant.get(`/Users/${ids.get('ann')}`)).body);
      expect(berlin).toEqual((await tenant.get(`/Groups/${ids.get('berlin')}`)).body);
    });

    it.each([
      ['meta.resourceType restricts', { filter: 'meta.resourceType eq "User"' }, 3, 'ann bob cid'],
      ['an attribute of one type', { filter: 'userName sw "b"' }, 1, 'bob'],
      ['not what a type does not know', { filter: 'not (title pr)', count: 2 }, 4, 'berlin bob'],
      ['an attribute of both', { filter: 'displayName sw "m" or displayName eq "ZOE"' }, 2, 'ann marketing'],
      ['pages', { startIndex: 4, count: 5 }, 5, 'marketing cid'],
      ['R71 beyond the end', { startIndex: 9 }, 5, ''],
      ['R72 the total alone', { count: 0 }, 5, ''],
      ['R68 sorted over both', { sortBy: 'displayName' }, 5, 'bob berlin marketing ann cid'],
      [
        'R69 R70 sorted by what one has',
        { sortBy: 'userName', sortOrder: 'descending' },
        5,
        'berlin marketing cid bob ann',
      ],
    ])('%s', async (_name, parameters, total, expected) => {
      for (const answer of [await query(parameters, '/'), await search('', parameters)])
        expect([answer.body.totalResults, names(answer)]).toEqual([total, expected]);
    });

    it('R75 shows what is asked for of each type', async () => {
      const { body } = await query({ attributes: 'userName,displayName', count: 2 }, '/');
      expect(body.Resources.map(({ schemas: _schemas, ...shown }: Body & { schemas?: unknown }) => shown)).toEqual([
        { id: ids.get('ann'), userName: 'ann', displayName: 'Zoe' },
        { id: ids.get('berlin'), displayName: 'Berlin' },
      ]);
    });

    it('R68 an attribute that no type has cannot be sorted by', async () =>
      expect((await query({ sortBy: 'colour' }, '/')).body).toMatchObject({ status: '400', scimType: 'invalidValue' }));

    it('R125 finds nothing of another tenant', async () => {
      const other = await TenantClient.create(system);
      expect((await other.get('/')).body).toMatchObject({ totalResults: 0, Resources: [] });
    });
  });

  describe('of one type', () => {
    it.each([
      ['R68 sorted without case', { sortBy: 'userName' }, 'ann bob cid'],
      ['R68 descending', { sortBy: 'userName', sortOrder: 'descending' }, 'cid bob ann'],
      ['R69 by the primary value, else the first', { sortBy: 'emails.value' }, 'bob ann cid'],
      ['R69 nothing first when descending', { sortBy: 'title', sortOrder: 'descending' }, 'bob cid ann'],
      [
        'R68 by a sub-attribute and a URN',
        { sortBy: 'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName' },
        'cid ann bob',
      ],
      [
        'R66 holders of an extension',
        { filter: 'schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"' },
        '',
      ],
      ['R71 startIndex below 1', { startIndex: -3, count: 1 }, 'ann'],
      ['R72 a negative count', { count: -1 }, ''],
    ])('%s', async (_name, parameters, expected) => expect(names(await query(parameters, '/Users'))).toBe(expected));

    it('R74 every page size goes through the same order', async () => {
      const whole = names(await query({ sortBy: 'title' }, '/Users'));
      for (const count of [1, 2]) {
        const pages = await Promise.all(
          times(Math.ceil(3 / count)).map((n) =>
            query({ sortBy: 'title', startIndex: n * count + 1, count }, '/Users'),
          ),
        );
        expect(pages.map(names).join(' ')).toBe(whole);
      }
    });

    it('R52 R71 R72 counts are what is there', async () => {
      expect((await query({ startIndex: 3, count: 10 }, '/Users')).body).toMatchObject({
        totalResults: 3,
        startIndex: 3,
        itemsPerPage: 1,
      });
      expect((await query({ startIndex: 7 }, '/Users')).body).toMatchObject({
        totalResults: 3,
        startIndex: 7,
        itemsPerPage: 0,
      });
      expect((await query({ count: 100_000 }, '/Users')).status).toBe(200);
    });

    it('R55 a filter on a single resource is refused, a projection works', async () => {
      const path = `/Users/${ids.get('ann')}`;
      expect((await query({ filter: 'title pr' }, path)).body).toMatchObject({
        status: '400',
        scimType: 'invalidFilter',
      });
      expect((await query({ attributes: 'title' }, path)).body).toEqual({
        schemas: expect.anything(),
        id: ids.get('ann'),
        title: 'Guide',
      });
    });
  });

  it('R112 /Me is 501 for a token without a user, on every verb', async () => {
    for (const [method, path] of [
      ['GET', '/Me'],
      ['POST', '/Me'],
      ['PUT', '/Me'],
      ['PATCH', '/Me'],
      ['DELETE', '/Me'],
      ['GET', '/Me/groups'],
    ] as const) {
      const answer = await tenant.send(method, path, method === 'GET' ? undefined : {});
      expect([method, path, answer.status, answer.body['schemas']]).toEqual([method, path, 501, [ERROR]]);
    }
  });
});
