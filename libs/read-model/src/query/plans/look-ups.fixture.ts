import { groupSchema, parseFilter, resolveFilter, userSchema, findTarget, type ResourceSchema } from '#scim';
import type { SortBy } from '../../filter/sort-expression.js';
import { findDirectoryStatement, type FindDirectory } from '../directory-statement.js';
import { calledUsersStatement } from '../called-users.js';
import { memberStatement } from '../membership-queries.js';
import { groupTable } from '../group-queries.js';
import type { Place } from '../keyset.js';
import {
  findStatement,
  getStatement,
  type CompiledStatement,
  type FindResources,
  type ResourceTable,
} from '../resource-statement.js';
import { userTable } from '../user-queries.js';
import { COST_CENTER, INDEXES, TENANT, userId } from './large-directory.fixture.js';

/** A query that clients send, with the statement that answers it. */
export interface LookUp {
  /** Names the snapshot. */
  readonly name: string;
  readonly statement: CompiledStatement;
  /** Why it has to look at the whole tenant. Whatever has no reason is common, and must not. */
  readonly scans?: string;
}

const context = {
  tenantId: TENANT,
  headInDatabase: true,
  baseUrl: 'https://id.example.com',
  indexes: new Set(INDEXES),
};
/** As answers show them unless a request says otherwise, and the least of them. */
const users = userTable(userSchema, { groups: true, managerDisplayName: true });
const bareUsers = userTable(userSchema, { groups: false });
const groups = groupTable(groupSchema, { members: true });
const bareGroups = groupTable(groupSchema, { members: false });

const firstPage: FindResources = { startIndex: 1, count: 100 };
const where = (filter: string, schema: ResourceSchema): FindResources => ({
  ...firstPage,
  filter: resolveFilter(parseFilter(filter), schema),
});
const after = (place: Place): FindResources => ({ ...firstPage, keyset: { after: place } });

const sortBy = (name: string, order: SortBy['order'] = 'ascending'): SortBy => {
  const target = findTarget(userSchema, name);
  if (target.kind !== 'attribute') throw new Error(`There is no attribute ${name}.`);
  return { by: { ...target, target: target.subAttribute ?? target.attribute }, order };
};

const find = (table: ResourceTable, query: FindResources): CompiledStatement => findStatement(context, table, query);
const findUsers = (name: string, filter: string): LookUp => ({
  name,
  statement: find(users, where(filter, userSchema)),
});
const findGroups = (name: string, filter: string): LookUp => ({
  name,
  statement: find(bareGroups, where(filter, groupSchema)),
});

const ofAllTypes = (query: Pick<FindDirectory, 'startIndex' | 'count' | 'keyset'>): CompiledStatement =>
  findDirectoryStatement(context, {
    ...query,
    users: { schema: userSchema, shown: { groups: true, managerDisplayName: true } },
    groups: { schema: groupSchema, shown: { members: false } },
    custom: [],
    order: 'ascending',
  });

/** Of a directory with so many users. What depends on a place stands in the middle. */
export const lookUps = (size: number): readonly LookUp[] => {
  const half = size / 2;
  const middle = { id: userId(half), key: null };
  const byName = after({ id: userId(5000), key: 'user5000' });
  return [
    { name: 'user by id', statement: getStatement(context, users, userId(500)) },
    { name: 'user by id, without groups', statement: getStatement(context, bareUsers, userId(500)) },
    { name: 'users, first page', statement: find(users, firstPage) },
    { name: 'users, number alone', statement: find(users, { ...firstPage, count: 0 }) },
    { name: 'users, page in the middle', statement: find(users, { ...firstPage, startIndex: half }) },
    { name: 'users, after a place', statement: find(users, after(middle)) },
    {
      name: 'users by userName, after a place',
      statement: find(users, { ...byName, sort: sortBy('userName') }),
    },
    {
      name: 'users by userName descending, after a place',
      statement: find(users, { ...byName, sort: sortBy('userName', 'descending') }),
    },
    findUsers('users, id eq', `id eq "${userId(500)}"`),
    findUsers('users, userName eq', 'userName eq "USER500"'),
    findUsers('users, userName sw', 'userName sw "user50"'),
    findUsers('users, externalId eq', 'externalId eq "x500"'),
    findUsers('users, displayName eq', 'displayName eq "User 500"'),
    findUsers('users, displayName sw', 'displayName sw "user 50"'),
    findUsers('users, emails eq', 'emails eq "user500@example.com"'),
    findUsers('users, emails work eq', 'emails[type eq "work"].value eq "user500@example.com"'),
    findUsers('users, emails type and value eq', 'emails[type eq "work" and value eq "user500@example.com"]'),
    findUsers('users, userName and active eq', 'userName eq "user500" and active eq true'),
    findUsers('users, userName eq and title co', 'userName eq "user500" and title co "uid"'),
    findUsers('users, id and manager eq', `id eq "${userId(500)}" and manager eq "${userId(51)}"`),
    findUsers('users, userName or externalId eq', 'userName eq "user500" or externalId eq "x700"'),
    findUsers('users, userName or emails eq', 'userName eq "user500" or emails.value eq "user700@example.com"'),
    findUsers(
      'users, userName or emails eq, active',
      '(userName eq "user500" or emails eq "user700@example.com") and active eq true',
    ),
    findUsers('users, groups eq', 'groups.value eq "g7"'),
    findUsers('users, groups and userName eq', 'groups.value eq "g7" and userName eq "user6"'),
    findUsers('users, indexed costCenter eq', `${COST_CENTER} eq "CC500"`),
    findUsers('users, indexed costCenter sw', `${COST_CENTER} sw "cc50"`),
    findUsers('users, indexed costCenter ge and lt', `${COST_CENTER} ge "cc500" and ${COST_CENTER} lt "cc501"`),
    findUsers('users, indexed costCenter or userName eq', `${COST_CENTER} eq "CC500" or userName eq "user7"`),
    findUsers('users, active eq false', 'active eq false'),
    findUsers('users, lastModified gt', 'meta.lastModified gt "2025-12-31T23:58:00Z"'),
    {
      name: 'users by lastModified, changed since, after a place',
      statement: find(users, {
        ...where('meta.lastModified gt "2025-12-31T22:00:00Z"', userSchema),
        sort: sortBy('meta.lastModified'),
        keyset: { after: { id: userId(5000), key: '2025-12-31T22:36:40Z', total: 7000 } },
      }),
    },
    {
      name: 'users, active eq true, after a place',
      statement: find(users, {
        ...where('active eq true', userSchema),
        keyset: { after: { ...middle, total: size } },
      }),
      scans: 'where few match, it goes on until the page is full; it counts nothing',
    },
    { ...findUsers('users, active eq true', 'active eq true'), scans: 'nearly all match, and they are counted' },
    { ...findUsers('users, title eq', 'title eq "Guide"'), scans: 'no index: the tenant can ask for one' },
    { ...findUsers('users, userName co', 'userName co "500"'), scans: 'no index finds what stands in the middle' },
    { ...findUsers('users, not userName eq', 'not (userName eq "user500")'), scans: 'nearly all match' },
    {
      ...findUsers('users, userName eq or title co', 'userName eq "user500" or title co "zz"'),
      scans: 'one side has no index, so both are looked at',
    },
    {
      name: 'users called so, many at once',
      statement: calledUsersStatement(context, bareUsers.columns, {
        userNames: ['user500', 'user501', 'nobody'],
        externalIds: ['x700', 'x701'],
      }),
    },
    { name: 'user with all groups, nested too', statement: memberStatement(context, userId(500)) },
    { name: 'group by id', statement: getStatement(context, groups, 'g7') },
    { name: 'group by id, without members', statement: getStatement(context, bareGroups, 'g7') },
    { name: 'groups, first page', statement: find(bareGroups, firstPage) },
    { name: 'groups, first page with members', statement: find(groups, { ...firstPage, startIndex: 2, count: 10 }) },
    { name: 'groups, after a place', statement: find(bareGroups, after({ id: 'g20', key: null })) },
    findGroups('groups, displayName eq', 'displayName eq "Group 7"'),
    findGroups('groups, externalId eq', 'externalId eq "x7"'),
    findGroups('groups, members eq', `members eq "${userId(500)}"`),
    findGroups('groups, members value eq', `members[value eq "${userId(500)}"]`),
    findGroups('groups, id and members eq', `id eq "g1" and members eq "${userId(500)}"`),
    findGroups('groups, displayName or externalId eq', 'displayName eq "Group 7" or externalId eq "x8"'),
    { name: 'all types, first page', statement: ofAllTypes(firstPage) },
    { name: 'all types, after a place', statement: ofAllTypes(after(middle)) },
  ];
};
