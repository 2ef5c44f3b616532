import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findTarget, groupSchema, parseFilter, resolveFilter, userSchema, type ResourceSchema } from '#scim';
import { created, createStage, groupCreated, membersAdded, type Stage } from '../read-model.fixture.js';
import { DirectoryQueries, type DirectoryRecord } from './directory-queries.js';
import type { FindOfType } from './directory-statement.js';
import type { Place } from './keyset.js';

const TENANT = 'both';
let stage: Stage;
let directory: DirectoryQueries;

beforeAll(async () => {
  stage = await createStage();
  directory = new DirectoryQueries(stage.newReader());
  await stage.append(TENANT, 'user', 'r1', created({ userName: 'ann', displayName: 'Zoe' }));
  await stage.append(TENANT, 'group', 'r2', groupCreated('Marketing'), membersAdded('r1'));
  await stage.append(TENANT, 'user', 'r3', created({ userName: 'bob' }));
  await stage.append(TENANT, 'group', 'r4', groupCreated('Berlin', { externalId: 'x' }));
  await stage.append(TENANT, 'user', 'r5', created({ userName: 'cid', displayName: 'anna', externalId: 'y' }));
  await stage.append('other', 'user', 'o1', created({ userName: 'ann' }));
  await stage.project(TENANT);
  await stage.project('other');
});
afterAll(() => stage.close());

interface Asked {
  readonly filter?: string;
  readonly sortBy?: string;
  readonly order?: 'ascending' | 'descending';
  readonly startIndex?: number;
  readonly count?: number;
  readonly keyset?: { readonly after: Place | undefined };
}

const ofType = (schema: ResourceSchema, { filter, sortBy }: Asked): FindOfType => {
  const target = sortBy === undefined ? undefined : findTarget(schema, sortBy);
  return {
    schema,
    filter: filter === undefined ? undefined : resolveFilter(parseFilter(filter), schema),
    sort: target?.kind === 'attribute' ? { ...target, target: target.subAttribute ?? target.attribute } : undefined,
  };
};

const find = (asked: Asked = {}) =>
  directory.find(TENANT, {
    users: { ...ofType(userSchema, asked), shown: { groups: true, managerDisplayName: true } },
    groups: { ...ofType(groupSchema, asked), shown: { members: true } },
    custom: [],
    order: asked.order ?? 'ascending',
    startIndex: asked.startIndex ?? 1,
    count: asked.count ?? 100,
    keyset: asked.keyset,
  });

const idOf = (record: DirectoryRecord): string => {
  if (record.kind === 'User') return record.user.id;
  return record.kind === 'Group' ? record.group.id : record.resource.id;
};

const idsOf = async (asked: Asked) => {
  const { records, totalResults } = await find(asked);
  const ids = records.map(idOf);
  return [totalResults, ids.join(' ').replaceAll('r', '')];
};

describe('a query over all types', () => {
  it.each<readonly [string, Asked, readonly [number, string]]>([
    ['R53 finds both, by id', {}, [5, '1 2 3 4 5']],
    ['R71 R74 in pages', { startIndex: 2, count: 2 }, [5, '2 3']],
    ['R71 beyond the end', { startIndex: 9 }, [5, '']],
    ['R72 the total alone', { count: 0 }, [5, '']],
    ['R53 by meta.resourceType', { filter: 'meta.resourceType eq "Group"' }, [2, '2 4']],
    ['R53 by an attribute that one type has', { filter: 'userName eq "bob"' }, [1, '3']],
    ['R53 what a type does not know has no value there', { filter: 'not (userName pr)' }, [2, '2 4']],
    ['R53 by an attribute of both', { filter: 'displayName pr', count: 3 }, [4, '1 2 4']],
    ['R53 by members', { filter: 'members.value eq "r1" or groups.value eq "r2"' }, [2, '1 2']],
    ['R68 sorted over both types', { sortBy: 'displayName' }, [5, '5 4 2 1 3']],
    ['R69 descending', { sortBy: 'displayName', order: 'descending' }, [5, '3 1 2 4 5']],
    ['R69 by an attribute that one type has', { sortBy: 'userName' }, [5, '1 3 5 2 4']],
    ['R68 by id', { sortBy: 'id', order: 'descending' }, [5, '5 4 3 2 1']],
    ['R68 by a boolean of one type', { sortBy: 'active' }, [5, '1 3 5 2 4']],
    ['R68 by a time', { sortBy: 'meta.created', order: 'descending', count: 1, startIndex: 6 }, [5, '']],
  ])('%s', async (_name, asked, expected) => expect(await idsOf(asked)).toEqual(expected));

  it('shows of each type what it has', async () => {
    const { records } = await find({ count: 2 });
    expect(records).toEqual([
      {
        kind: 'User',
        user: expect.objectContaining({
          attributes: { userName: 'ann', displayName: 'Zoe' },
          active: true,
          groups: [{ id: 'r2', display: 'Marketing' }],
        }),
      },
      {
        kind: 'Group',
        group: expect.objectContaining({
          attributes: { displayName: 'Marketing' },
          members: [{ id: 'r1', kind: 'User', display: 'Zoe' }],
        }),
      },
    ]);
  });

  it.each<Asked>([{}, { sortBy: 'displayName' }, { sortBy: 'displayName', order: 'descending' }, { filter: 'id pr' }])(
    'X2 pages after a place are the whole, each resource once: %j',
    async (asked) => {
      const seen: string[] = [];
      let after: Place | undefined;
      do {
        const { records, next } = await find({ ...asked, count: 2, keyset: { after } });
        seen.push(...records.map(idOf));
        after = next;
      } while (after !== undefined && seen.length < 20);
      expect(seen.join(' ').replaceAll('r', '')).toBe((await idsOf(asked))[1]);
    },
  );

  it('X3 pages of a filter keep the total that the first one counted', async () => {
    const first = await find({ filter: 'displayName pr', count: 2, keyset: { after: undefined } });
    expect(first).toMatchObject({ totalResults: 4, next: { id: 'r2', total: 4 } });
    const after = { id: 'r2', key: null, total: 77 };
    const second = await find({ filter: 'displayName pr', count: 1, keyset: { after } });
    expect(second).toMatchObject({ totalResults: 77, next: { id: 'r4', total: 77 } });
  });
});
