import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTarget, parseFilter, resolveFilter, userSchema } from '#scim';
import { created, createStage, type Stage } from '../read-model.fixture.js';
import type { Place } from './keyset.js';
import type { FindResources } from './resource-statement.js';

const TENANT = 'paged';
let stage: Stage;

beforeAll(async () => {
  stage = await createStage();
  const titles = ['Z', undefined, 'z', 'é', undefined, 'A', 'Z', undefined, 'B'];
  for (const [n, title] of titles.entries()) {
    const person = { userName: `user${9 - n}`, ...(title === undefined ? {} : { title }) };
    await stage.append(TENANT, 'user', `u${n}`, created(person, n % 2 === 0));
  }
  await stage.project(TENANT);
});
afterAll(() => stage.close());

type Order = 'ascending' | 'descending';

const sortBy = (name: string, order: Order): FindResources['sort'] => {
  const target = findTarget(userSchema, name);
  if (target.kind !== 'attribute') throw new Error(name);
  return { by: { ...target, target: target.subAttribute ?? target.attribute }, order };
};

const page = (count: number, after: Place | undefined, query: Partial<FindResources> = {}) =>
  stage.users.find(TENANT, { ...query, startIndex: 1, count, keyset: { after } }, { groups: false });

/** Every page from the first to the one without a next place, as ids. */
const pages = async (count: number, query: Partial<FindResources> = {}): Promise<readonly (readonly string[])[]> => {
  const all: (readonly string[])[] = [];
  let after: Place | undefined;
  do {
    const { resources, next } = await page(count, after, query);
    all.push(resources.map(({ id }) => id));
    after = next;
  } while (after !== undefined && all.length < 20);
  return all;
};

const byIndex = async (query: Partial<FindResources>): Promise<readonly string[]> => {
  const { resources } = await stage.users.find(TENANT, { ...query, startIndex: 1, count: 100 }, { groups: false });
  return resources.map(({ id }) => id);
};

describe('pages after a place', () => {
  it('X2 only the last one has no next place, be it full or not', async () => {
    expect((await pages(4)).map((ids) => ids.length)).toEqual([4, 4, 1]);
    expect((await pages(3)).map((ids) => ids.length)).toEqual([3, 3, 3]);
    expect((await pages(9)).map((ids) => ids.length)).toEqual([9]);
  });

  const orders: readonly Order[] = ['ascending', 'descending'];
  const names = ['id', 'userName', 'externalId', 'title', 'active', 'meta.lastModified', 'groups.value'];
  it.each(names.flatMap((name) => orders.flatMap((order) => [1, 2, 4].map((count) => [name, order, count] as const))))(
    'R69 R70 X2 by %s %s, %d a page, are the whole list in its order, each resource once',
    async (name, order, count) => {
      const query = { sort: sortBy(name, order) };
      expect((await pages(count, query)).flat()).toEqual(await byIndex(query));
    },
  );

  it.each(['title pr', 'active eq true', 'userName sw "user"', 'userName eq "user3"'])(
    'X2 of a filter (%s) are its matches, with the total on every page',
    async (text) => {
      const query = { filter: resolveFilter(parseFilter(text), userSchema), sort: sortBy('title', 'descending') };
      const matches = await byIndex(query);
      expect((await pages(2, query)).flat()).toEqual(matches);
      expect(await page(2, undefined, query)).toMatchObject({ totalResults: matches.length });
    },
  );

  it('X3 of a filter keep the total that the first one counted', async () => {
    const query = { filter: resolveFilter(parseFilter('active eq true'), userSchema) };
    const first = await page(2, undefined, query);
    expect(first).toMatchObject({ totalResults: 5, next: { total: 5 } });
    const second = await page(2, { id: first.next?.id ?? '', key: null, total: 77 }, query);
    expect(second).toMatchObject({ totalResults: 77, next: { total: 77 } });
    expect((await page(2, undefined)).next).not.toHaveProperty('total'); // without a filter it is maintained, not counted
  });

  it('X3 count 0 asks for the total alone', async () =>
    expect(await page(0, undefined)).toEqual({ totalResults: 9, resources: [], next: undefined }));

  it('X2 stay in place when resources come and go between two requests', async () => {
    const tenant = 'moving';
    for (const n of [1, 2, 3, 4, 5, 6]) await stage.append(tenant, 'user', `u${n}`, created({ userName: `m${n}` }));
    await stage.project(tenant);
    const find = (after: Place | undefined) =>
      stage.users.find(tenant, { startIndex: 1, count: 2, keyset: { after } }, { groups: false });
    const first = await find(undefined);
    await stage.append(tenant, 'user', 'u1', { type: 'UserDeleted', data: {} }); // an index would now skip u3
    await stage.append(tenant, 'user', 'u2', { type: 'UserDeleted', data: {} });
    await stage.append(tenant, 'user', 'u0', created({ userName: 'm0' })); // and this one make it repeat u2
    await stage.project(tenant);
    const second = await find(first.next);
    const third = await find(second.next);
    expect([first, second, third].map(({ resources }) => resources.map(({ id }) => id))).toEqual([
      ['u1', 'u2'],
      ['u3', 'u4'],
      ['u5', 'u6'],
    ]);
    expect(third.next).toBeUndefined();
  });

  it('a place of another tenant finds nothing of that tenant', async () => {
    const { next } = await page(2, undefined);
    const { resources, totalResults } = await stage.users.find(
      'nobody',
      { startIndex: 1, count: 10, keyset: { after: next } },
      { groups: false },
    );
    expect([resources, totalResults]).toEqual([[], 0]);
  });
});
