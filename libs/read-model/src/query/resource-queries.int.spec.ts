import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTarget, parseFilter, resolveFilter, userSchema, type AttributeReference } from '#scim';
import { createServicePool, TenantDatabase } from '#postgres';
import { createStage, created, scimBaseUrl, type Stage } from '../read-model.fixture.js';
import { CheckpointWatch } from './checkpoint-watch.js';
import { ReadBarrier } from './read-barrier.js';
import { ResourceReader } from './resource-reader.js';
import { UserQueries } from './user-queries.js';

const TENANT = 'sorted';
let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
  const people = [
    { userName: 'b', title: 'Z', emails: [{ value: 'x@a' }, { value: 'c@a', primary: true }] },
    { userName: 'A', title: 'é', emails: [{ value: 'b@a' }] },
    { userName: 'c' },
    { userName: 'D', title: 'z', externalId: 'B' },
    { userName: '😀', title: 'Z', externalId: 'a' },
    { userName: '\uffff' },
  ];
  for (const [n, person] of people.entries()) await stage.append(TENANT, 'user', `u${n}`, created(person, n !== 2));
  await stage.project(TENANT);
});
afterAll(() => stage.close());

const by = (name: string): AttributeReference => {
  const target = findTarget(userSchema, name);
  if (target.kind !== 'attribute') throw new Error(name);
  return { ...target, target: target.subAttribute ?? target.attribute };
};
const ids = async (name: string, order: 'ascending' | 'descending' = 'ascending') => {
  const { resources } = await stage.users.find(
    TENANT,
    { sort: { by: by(name), order }, startIndex: 1, count: 10 },
    { groups: false },
  );
  return resources.map(({ id }) => id.slice(1)).join('');
};

describe('sorting', () => {
  it.each([
    ['R68 by code point and without case', 'userName', 'ascending', '102354'],
    ['R68 descending', 'userName', 'descending', '453201'],
    ['R68 with case where case counts, R69 nothing last', 'externalId', 'ascending', '340125'],
    ['R69 descending, nothing first, ties by id', 'externalId', 'descending', '012543'],
    ['R69 by the primary value, else the first', 'emails.value', 'ascending', '102345'],
    ['R70 ties by id', 'title', 'ascending', '034125'],
    ['by a boolean', 'active', 'ascending', '201345'],
    ['by id', 'id', 'descending', '543210'],
    ['by what is derived: by id', 'groups.value', 'ascending', '012345'],
  ] as const)('%s', async (_, name, order, expected) => expect(await ids(name, order)).toBe(expected));
});

describe('index paging', () => {
  const page = async (startIndex: number, count: number, filter?: string) => {
    const resolved = filter === undefined ? undefined : resolveFilter(parseFilter(filter), userSchema);
    const { totalResults, resources } = await stage.users.find(
      TENANT,
      { filter: resolved, startIndex, count },
      { groups: false },
    );
    return [totalResults, ...resources.map(({ id }) => id)];
  };

  it('R71 R74 goes through all resources in one order, with and without a filter', async () => {
    expect(await page(1, 4)).toEqual([6, 'u0', 'u1', 'u2', 'u3']);
    expect(await page(5, 4)).toEqual([6, 'u4', 'u5']);
    expect(await page(2, 2, 'active eq true')).toEqual([5, 'u1', 'u3']);
  });

  it('R71 beyond the end is an empty page with the right total', async () => {
    expect(await page(7, 4)).toEqual([6]);
    expect(await page(99, 4, 'active eq true')).toEqual([5]);
  });

  it('R72 count 0 asks for the total alone', async () => {
    expect(await page(1, 0)).toEqual([6]);
    expect(await page(1, 0, 'title pr')).toEqual([4]);
  });

  it('R51 nothing found is an empty list', async () => expect(await page(1, 10, 'userName eq "nobody"')).toEqual([0]));
});

describe('a filter that scans', () => {
  it('R54 is refused when it takes too long, and the connection lives on', async () => {
    await stage.owner
      .query(`INSERT INTO read_users (tenant_id, generation, id, revision, created_at, changed_at, attributes, search, active)
      SELECT '${TENANT}', 1, 'x' || n, 0, now(), now(), '{}', '{}', true FROM generate_series(1, 20000) n`);
    const pool = createServicePool({
      url: stage.database.ownerUrl,
      applicationName: 'spec',
      max: 1,
      statementTimeoutMs: 1,
    });
    const barrier = new ReadBarrier(new CheckpointWatch(stage.pool), {
      waitMs: 100,
      head: 'same-database',
      monotonicMs: () => performance.now(),
    });
    const users = new UserQueries(
      new ResourceReader({
        lookUps: stage.tenants,
        pages: stage.tenants,
        scans: new TenantDatabase(pool),
        barrier,
        scimBaseUrl,
      }),
    );
    const find = (filter: string) =>
      users.find(
        TENANT,
        { filter: resolveFilter(parseFilter(filter), userSchema), startIndex: 1, count: 10 },
        { groups: false },
      );
    await expect(find('title co "z"')).rejects.toMatchObject({ code: 'query-too-costly' });
    expect(await find('userName eq "a"')).toMatchObject({ totalResults: 1 }); // an index serves it: no such limit
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  it('only ever sends values as values', async () => {
    const { resources } = await stage.users.find(
      TENANT,
      {
        filter: resolveFilter(
          parseFilter(String.raw`title eq "' OR 1=1 --" or title co "\") || true" or userName sw "%"`),
          userSchema,
        ),
        startIndex: 1,
        count: 10,
      },
      { groups: false },
    );
    expect(resources).toEqual([]);
  });
});
