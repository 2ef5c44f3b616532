import { describe, expect, it } from '@jest/globals';
import type { CalledUsers, FindResources, UserRecord } from '#read-model';
import { describeUser, userSchema } from '#scim';
import { DriftReport, type DriftEntry } from './drift-report.js';

const user = (id: string, attributes: object, active = true) => ({ id, attributes, active }) as UserRecord;

const isIn = (names: readonly string[], value: unknown) => typeof value === 'string' && names.includes(value);

/** A directory whose pages hold two users. */
const directoryOf = (users: readonly UserRecord[]) => ({
  called: async (_tenant: string, { userNames, externalIds }: CalledUsers) =>
    users.filter(
      ({ attributes: { userName, externalId } }) => isIn(userNames, userName) || isIn(externalIds, externalId),
    ),
  find: async (_tenant: string, { keyset }: FindResources) => {
    const rest = users.filter(({ id }) => id > (keyset?.after?.id ?? ''));
    const resources = rest.slice(0, 2);
    const next = rest.length > 2 ? { id: resources.at(-1)?.id ?? '', key: null } : undefined;
    return { totalResults: users.length, resources, next };
  },
});

const report = async (users: readonly UserRecord[], parts: readonly (readonly object[])[], isWhole = false) => {
  const entries: DriftEntry[] = [];
  const described = parts.map((part) => part.map((document) => describeUser(document, userSchema)));
  for await (const part of new DriftReport(directoryOf(users)).of('acme', described, { isWhole }))
    entries.push(...part);
  return entries;
};

describe('F26 a drift report', () => {
  it('looks through the whole directory for whom nobody described, in whichever part', async () => {
    const users = ['1', '2', '3', '4', '5', '6'].map((id) => user(id, { userName: `u${id}` }, id !== '4'));
    const parts = [[{ userName: 'u1' }], [{ userName: 'u3' }]];
    expect(await report(users, parts, true)).toEqual([
      { kind: 'unexpected', id: '2', userName: 'u2' },
      { kind: 'unexpected', id: '5', userName: 'u5' },
      { kind: 'unexpected', id: '6', userName: 'u6' },
      { kind: 'summary', compared: 2, missing: 0, different: 0, unexpected: 3 },
    ]);
    expect(await report(users, parts)).toEqual([{ kind: 'summary', compared: 2, missing: 0, different: 0 }]);
  });

  it('takes the userName for who a user is, and the externalId where nobody has that name', async () => {
    const users = [user('1', { userName: 'ann', externalId: 'x' }), user('2', { userName: 'bob', externalId: 'y' })];
    expect(await report(users, [[{ userName: 'ann', externalId: 'y' }]])).toMatchObject([
      { kind: 'different', id: '1', paths: ['externalId'] },
      { different: 1 },
    ]);
    expect(await report(users, [[{ userName: 'anna', externalId: 'x' }]])).toMatchObject([
      { kind: 'different', id: '1', paths: ['userName'] },
      { different: 1 },
    ]);
  });

  it('compares each who has an externalId that several have', async () => {
    const users = [user('1', { externalId: 'x', title: 'Guide' }), user('2', { externalId: 'x' }), user('3', {})];
    expect(await report(users, [[{ externalId: 'x', title: null }]], true)).toEqual([
      { kind: 'different', id: '1', externalId: 'x', paths: ['title'] },
      { kind: 'unexpected', id: '3' },
      { kind: 'summary', compared: 1, missing: 0, different: 1, unexpected: 1 },
    ]);
  });
});
