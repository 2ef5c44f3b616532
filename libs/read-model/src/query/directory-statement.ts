import type { ResolvedFilter, ResourceSchema } from '#scim';
import { Parameters } from '../filter/condition.js';
import { resourceScope } from '../filter/resource-scope.js';
import { compile } from '../filter/scope.js';
import { sortExpression, sortKeyType, type SortBy } from '../filter/sort-expression.js';
import { membersOfGroup, type ShownOfGroup } from './group-queries.js';
import { idsAfter, orderBy, placedColumns, type Keyset, type RowOrder } from './keyset.js';
import {
  around,
  filtered,
  framed,
  sameTenant,
  sameType,
  totalAlone,
  totalOfTypes,
  type CompiledStatement,
  type ResourceTable,
  type StatementContext,
} from './resource-statement.js';
import { groupsOfUser, nameOfManager, type ShownOfUser } from './user-queries.js';

/** What a query over all types asks of one of them. */
export interface FindOfType {
  readonly schema: ResourceSchema;
  /** Undefined: all of them. A filter says of attributes that this type does not know that they have no value (R53). */
  readonly filter?: ResolvedFilter | undefined;
  /** Undefined when the query sorts by nothing, or this type does not know the attribute. */
  readonly sort?: SortBy['by'] | undefined;
}

/** A query over all resource types together (RFC 7644 §3.4.2.1), ordered by what it sorts by, then by id. */
export interface FindDirectory {
  readonly users: FindOfType & { readonly shown: ShownOfUser };
  readonly groups: FindOfType & { readonly shown: ShownOfGroup };
  /** Types of the tenant's own. */
  readonly custom: readonly FindOfType[];
  readonly order: 'ascending' | 'descending';
  /** 1-based. Without meaning when there is a keyset. */
  readonly startIndex: number;
  readonly keyset?: Keyset | undefined;
  /** 0: only totalResults. */
  readonly count: number;
}

/** One page of all types and the total in one statement, thus one snapshot; rows as those of `findStatement`, with their `kind`. */
export const findDirectoryStatement = (context: StatementContext, query: FindDirectory): CompiledStatement => {
  const { users, groups, custom, count } = query;
  const parameters = new Parameters([context.tenantId]);
  if (!isFiltered(query) && count === 0) return totalAlone(context, totalOfAll(query, parameters), parameters);
  const order = directoryOrder(query);
  const surroundings = around(context, parameters);
  const ids = (table: ResourceTable['table'], { schema, filter, sort }: FindOfType): string => {
    const condition =
      filter === undefined ? undefined : compile(filter, resourceScope({ schema, table }, surroundings, parameters));
    const expression = sort === undefined ? undefined : sortExpression(sort, parameters);
    const key = order.key === undefined ? '' : `, (${expression ?? 'NULL'})::${order.key} AS sort_key`;
    const type = sameType({ schema, table }, parameters);
    return `SELECT '${schema.resourceType.name}' AS kind, r.id${key} FROM ${table} r WHERE ${type}${condition === undefined ? '' : ` AND ${condition.sql}`}`;
  };
  const branches = [
    ids('read_users', users),
    ids('read_groups', groups),
    ...custom.map((one) => ids('read_resources', one)),
  ];
  const page = (sources: readonly string[]): string =>
    count === 0 ? '' : pageOf(query, pageIds(query, sources, order, parameters));
  const counted = query.keyset?.after?.total;
  if (isFiltered(query) && counted === undefined) {
    const rows = filtered(branches.join(' UNION ALL '), page(['matched']));
    return { text: framed(context, rows, 'r.matched AS total'), values: parameters.values, reach: 'all' };
  }
  const rows = page(branches.map((branch) => `(${branch}) AS l`));
  const total = counted === undefined ? totalOfAll(query, parameters) : `${parameters.add(counted)}::int`;
  const isNear = query.keyset !== undefined || query.startIndex <= 10_000;
  const reach = isNear && order.key === undefined && !isFiltered(query) ? 'range' : 'all';
  return { text: framed(context, rows, `${total} AS total`), values: parameters.values, reach };
};

/** Whether the total has to be counted. */
export const isFiltered = (query: FindDirectory): boolean => typesOf(query).some(({ filter }) => filter !== undefined);

const typesOf = ({ users, groups, custom }: FindDirectory): readonly FindOfType[] => [users, groups, ...custom];

const totalOfAll = ({ custom }: FindDirectory, parameters: Parameters): string => {
  const core = 's.users_total + s.groups_total';
  if (custom.length === 0) return core;
  const names = custom.map(({ schema }) => schema.resourceType.name);
  return `${core} + ${totalOfTypes(names, parameters)}`;
};

/** Where the types disagree on what an attribute is, its text orders. */
const directoryOrder = (query: FindDirectory): RowOrder => {
  const keys = new Set(typesOf(query).flatMap(({ sort }) => (sort === undefined ? [] : [sortKeyType(sort)])));
  const [key] = keys;
  return { key: keys.size > 1 ? 'text' : key, direction: query.order === 'descending' ? 'DESC' : 'ASC' };
};

/**
 * Ids of the page, each with its place. Each source gives its own first rows in order, which an index may have; only those are put together:
 * under row-level security PostgreSQL does not merge ordered indexes by itself.
 */
const pageIds = (
  { startIndex, keyset, count }: FindDirectory,
  sources: readonly string[],
  order: RowOrder,
  parameters: Parameters,
): string => {
  const place = `row_number() OVER (ORDER BY ${orderBy(order)}) AS place`;
  const together = (first: (source: string) => string): string =>
    `(${sources.map((source) => `(${first(source)})`).join(' UNION ALL ')}) t ORDER BY ${orderBy(order)}`;
  if (keyset === undefined) {
    const reach = parameters.add(startIndex - 1 + count);
    const first = (source: string) => `SELECT * FROM ${source} ORDER BY ${orderBy(order)} LIMIT ${reach}`;
    const ids = `SELECT * FROM ${together(first)} OFFSET ${parameters.add(startIndex - 1)} LIMIT ${parameters.add(count)}`;
    return `SELECT i.kind, i.id, ${place}, NULL::text AS sort_key, FALSE AS more FROM (${ids}) i`;
  }
  const size = parameters.add(count);
  const limit = parameters.add(count + 1);
  const first = (source: string) => idsAfter(source, order, { ...keyset, limit }, parameters);
  const ids = `SELECT * FROM ${together(first)} LIMIT ${limit}`;
  const placed = `SELECT i.kind, i.id, ${place}, ${placedColumns(order, size)} FROM (${ids}) i`;
  return `SELECT * FROM (${placed}) f WHERE f.place <= ${size}::int`;
};

/** The documents of the page; columns that only other types have are NULL. */
const pageOf = ({ users, groups, custom }: FindDirectory, ids: string): string => {
  const own = 'p.kind, p.place, p.sort_key, p.more, r.id, r.attributes, r.revision, r.created_at, r.changed_at';
  const groupsOf = users.shown.groups ? `(${groupsOfUser})` : 'NULL::json';
  const manager = users.shown.managerDisplayName === true ? `(${nameOfManager})` : 'NULL::text';
  const members = groups.shown.members ? `(${membersOfGroup})` : 'NULL::json';
  return `WITH page AS MATERIALIZED (${ids})
  SELECT ${own}, r.active, ${groupsOf} AS groups, ${manager} AS manager_display_name, NULL::json AS members
    FROM page p JOIN read_users r ON ${sameTenant('r')} AND r.id = p.id WHERE p.kind = 'User'
  UNION ALL
  SELECT ${own}, NULL::boolean, NULL::json, NULL::text, ${members}
    FROM page p JOIN read_groups r ON ${sameTenant('r')} AND r.id = p.id WHERE p.kind = 'Group'${custom.length === 0 ? '' : customOf(own)}`;
};

const customOf = (columns: string): string => `
  UNION ALL
  SELECT ${columns}, NULL::boolean, NULL::json, NULL::text, NULL::json
    FROM page p JOIN read_resources r ON ${sameTenant('r')} AND r.id = p.id WHERE p.kind NOT IN ('User', 'Group')`;
