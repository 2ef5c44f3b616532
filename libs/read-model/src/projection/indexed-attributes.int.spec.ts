import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseFilter, resolveFilter, userSchema } from '#scim';
import { createStage, created, settingsChanged, type Stage } from '../read-model.fixture.js';
import { findStatement, type ResourceTable } from '../query/resource-statement.js';
import { UserQueries } from '../query/user-queries.js';
import { Sweeper } from './sweeper.js';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

const settle = async (tenantId: string): Promise<void> => {
  for (const filling of await stage.project(tenantId))
    if (filling.status === 'building') expect(await stage.generations.promote(filling)).toBe(true);
};

const want = async (tenantId: string, ...indexedAttributes: readonly string[]): Promise<void> => {
  await stage.append(tenantId, 'control', '', settingsChanged({ indexedAttributes }));
  await stage.project(tenantId);
};

const rebuilt = async (tenantId: string): Promise<void> => {
  await stage.generations.rebuild(tenantId);
  await settle(tenantId);
};

const people = async (tenantId: string): Promise<void> => {
  for (const [id, title] of [
    ['u1', 'Guide'],
    ['u2', 'guide'],
    ['u3', 'Pilot'],
  ] as const)
    await stage.append(tenantId, 'user', id, created({ userName: id, title }));
  await stage.append(tenantId, 'user', 'u4', created({ userName: 'u4' }));
};

const changed = (title: string | null) => ({
  type: 'UserAttributesChanged' as const,
  data: { changed: { title }, paths: ['title'] },
});

const values = async (tenantId: string): Promise<readonly string[]> => {
  const { rows } = await stage.owner.query<{ row: string }>(
    `SELECT generation || ' ' || resource_id || ' ' || coalesce(exact, '-') AS row FROM read_values WHERE tenant_id = $1 ORDER BY 1`,
    [tenantId],
  );
  return rows.map(({ row }) => row);
};

const find = async (tenantId: string, filter: string, users: UserQueries = stage.users): Promise<readonly string[]> => {
  const resolved = resolveFilter(parseFilter(filter), userSchema);
  const { resources } = await users.find(tenantId, { filter: resolved, startIndex: 1, count: 9 }, { groups: false });
  return resources.map(({ id }) => id);
};

describe('attributes that a tenant wants indexed', () => {
  it('are noted from its log, and indexed by the next generation while the live one serves', async () => {
    await people('ask');
    await want('ask', 'title');
    const [live] = await stage.generations.of('ask');
    expect(live).toMatchObject({ generation: 1, indexes: [], wantedIndexes: ['title'] });
    expect(await values('ask')).toEqual([]);
    expect(await find('ask', 'title eq "guide"')).toEqual(['u1', 'u2']);

    await rebuilt('ask');
    expect(await stage.generations.of('ask')).toEqual([
      expect.objectContaining({ generation: 2, status: 'live', indexes: ['title'], wantedIndexes: ['title'] }),
    ]);
    expect(await values('ask')).toEqual(['2 u1 Guide', '2 u2 guide', '2 u3 Pilot']);
    expect(await find('ask', 'title eq "guide"')).toEqual(['u1', 'u2']);
    expect(await find('ask', 'title sw "P" or userName eq "u4"')).toEqual(['u3', 'u4']);
    expect(await find('ask', 'title pr')).toEqual(['u1', 'u2', 'u3']);
    expect(await find('ask', 'title ge "guide" and userName pr and title lt "h"')).toEqual(['u1', 'u2']);
  });

  it('follow every change of the resource', async () => {
    await people('follow');
    await want('follow', 'phoneNumbers.value', 'title');
    await rebuilt('follow');
    const phones = (...numbers: readonly string[]) => ({
      type: 'UserAttributesChanged' as const,
      data: { changed: { phoneNumbers: numbers.map((value) => ({ value })) }, paths: ['phoneNumbers'] },
    });
    await stage.append('follow', 'user', 'u1', changed('Chef'), phones('+1', '+2'));
    await stage.append('follow', 'user', 'u2', changed(null));
    await stage.append('follow', 'user', 'u3', { type: 'UserDeleted', data: {} });
    await stage.project('follow');
    expect(await values('follow')).toEqual(['2 u1 +1', '2 u1 +2', '2 u1 Chef']);
    expect(await find('follow', 'phoneNumbers.value eq "+1" and phoneNumbers.value gt "+1"')).toEqual(['u1']);
    await stage.append('follow', 'user', 'u1', phones('+2'));
    await stage.project('follow');
    expect(await values('follow')).toEqual(['2 u1 +2', '2 u1 Chef']);
    expect(await find('follow', 'phoneNumbers[value eq "+2" and not (type pr)]')).toEqual(['u1']);
    expect(await find('follow', 'phoneNumbers.value eq "+1"')).toEqual([]);
  });

  it('are those of one tenant: another one has other indexes, and none of its rows', async () => {
    await people('one');
    await people('two');
    await want('one', 'title');
    await rebuilt('one');
    await settle('two');
    expect(await values('two')).toEqual([]);
    expect(await find('two', 'title eq "guide"')).toEqual(['u1', 'u2']);
    await stage.append('one', 'user', 'u1', { type: 'UserDeleted', data: {} });
    await stage.project('one');
    expect(await find('one', 'title eq "guide"')).toEqual(['u2']);
    expect(await find('two', 'title eq "guide"')).toEqual(['u1', 'u2']);
    const { rows } = await stage.pool.query('SELECT FROM read_values');
    expect(rows).toEqual([]); // without a tenant there are none
  });

  it('can be given up: a reader that knew of them misses nothing when they go', async () => {
    await people('back');
    await want('back', 'title');
    await rebuilt('back');
    const users = new UserQueries(stage.newReader());
    expect(await find('back', 'title eq "guide"', users)).toEqual(['u1', 'u2']);
    await want('back');
    await rebuilt('back');
    expect(await stage.generations.of('back')).toEqual([expect.objectContaining({ generation: 3, indexes: [] })]);
    expect(await find('back', 'title eq "guide"', users)).toEqual(['u1', 'u2']);
    const sweeper = new Sweeper(stage.tenants);
    while (await sweeper.sweep('back'));
    expect(await values('back')).toEqual([]);
  });

  it('are those of users and groups: another type may call its attributes as they do', () => {
    const context = { tenantId: 'acme', headInDatabase: true, baseUrl: '', indexes: new Set(['title']) };
    const query = { filter: resolveFilter(parseFilter('title eq "x"'), userSchema), startIndex: 1, count: 1 };
    const text = (table: ResourceTable['table']) =>
      findStatement(context, { schema: userSchema, table, columns: ['r.id'] }, query).text;
    expect(text('read_users')).toContain('read_values');
    expect(text('read_resources')).not.toContain('read_values');
  });

  it('are compared by operators that reach an index under row-level security', async () => {
    const { rows } = await stage.owner.query(
      `SELECT oprname, oprleft::regtype FROM pg_operator JOIN pg_proc p ON p.oid = oprcode
        WHERE oprleft = oprright AND oprleft IN ('text'::regtype, 'float8'::regtype, 'timestamptz'::regtype)
          AND oprname IN ('=', '<', '<=', '>', '>=') AND NOT proleakproof`,
    );
    expect(rows).toEqual([]);
  });

  it('are found by a reader that did not know of them yet', async () => {
    await people('later');
    await settle('later');
    const users = new UserQueries(stage.newReader());
    expect(await find('later', 'title eq "pilot"', users)).toEqual(['u3']);
    await want('later', 'title');
    await rebuilt('later');
    expect(await find('later', 'title eq "pilot"', users)).toEqual(['u3']);
    await stage.owner.query(`UPDATE read_values SET folded = 'captain' WHERE tenant_id = 'later' AND folded = 'pilot'`);
    expect(await find('later', 'title eq "pilot"', users)).toEqual([]); // by the rows alone
  });
});
