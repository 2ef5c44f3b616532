import type { ResolvedFilter, ResourceSchema } from '#scim';
import type { Statement } from '#postgres';
import { Parameters, type Reach } from '../filter/condition.js';
import type { Surroundings } from '../filter/relations.js';
import { resourceScope } from '../filter/resource-scope.js';
import { compile } from '../filter/scope.js';
import { sortExpression, sortKeyType, type SortBy } from '../filter/sort-expression.js';
import { directoryProjection } from '../projection/directory-projection.js';
import { idsAfter, orderBy, placedColumns, type Keyset, type RowOrder } from './keyset.js';

/** Which table a resource stands in, and the columns of an answer, in SQL over the row `r`. */
export interface ResourceTable {
  readonly schema: ResourceSchema;
  readonly table: 'read_users' | 'read_groups' | 'read_resources';
  readonly columns: readonly string[];
}

/** The types that share a table are told apart by their names. */
const isShared = ({ table }: Pick<ResourceTable, 'table'>): boolean => table === 'read_resources';

/** A list query whose filter is resolved (RFC 7644 §3.4.2). */
export interface FindResources {
  readonly filter?: ResolvedFilter | undefined;
  readonly sort?: SortBy | undefined;
  /** 1-based. Without meaning when there is a keyset. */
  readonly startIndex: number;
  /** Cursor paging (RFC 9865). */
  readonly keyset?: Keyset | undefined;
  /** 0: only totalResults. */
  readonly count: number;
}

/** What the statement stands in: whose rows, where the head is, the base URL that `$ref` and `meta.location` begin with. */
export interface StatementContext {
  readonly tenantId: string;
  readonly headInDatabase: boolean;
  readonly baseUrl: string;
  /** What the generation that will answer indexes, for a statement with a filter; nothing otherwise. */
  readonly indexes: ReadonlySet<string>;
}

export interface CompiledStatement extends Statement {
  /** An index finds the few rows it is about, or a page of many; otherwise it scans the tenant. */
  readonly reach: Reach;
}

/** Conditions of row `r` and of whatever is joined to it. */
export const sameTenant = (alias: string): string => `${alias}.tenant_id = $1 AND ${alias}.generation = s.generation`;

/** Conditions of the rows `r` of one resource type. */
export const sameType = (resource: Pick<ResourceTable, 'table' | 'schema'>, parameters: Parameters): string => {
  if (!isShared(resource)) return sameTenant('r');
  return `${sameTenant('r')} AND r.resource_type = ${parameters.add(resource.schema.resourceType.name)}`;
};

/** One statement that returns the rows of one resource beside the tenant's head and checkpoint. */
export const getStatement = (context: StatementContext, resource: ResourceTable, id: string): CompiledStatement => {
  const { table, columns } = resource;
  const parameters = new Parameters([context.tenantId, id]);
  const row = `FROM ${table} r WHERE ${sameType(resource, parameters)} AND r.id = $2`;
  return {
    text: framed(context, `SELECT ${columns.join(', ')}, 1 AS place ${row}`),
    values: parameters.values,
    reach: 'few',
  };
};

/**
 * One page and the total in one statement, beside head and checkpoint. Every row of the answer carries the total in `total`; a page without
 * resources is one row whose `id` is null.
 */
export const findStatement = (
  context: StatementContext,
  resource: ResourceTable,
  { filter, sort, startIndex, keyset, count }: FindResources,
): CompiledStatement => {
  const parameters = new Parameters([context.tenantId]);
  if (filter === undefined && count === 0) return totalAlone(context, totalOf(resource, parameters), parameters);
  const key = sort === undefined ? undefined : sortExpression(sort.by, parameters);
  const rowOrder = rowOrderOf(key, sort);
  const condition =
    filter === undefined
      ? undefined
      : compile(filter, resourceScope(resource, around(context, parameters), parameters));
  const rows = `SELECT r.id${key === undefined ? '' : `, ${key} AS sort_key`} FROM ${resource.table} r WHERE ${sameType(resource, parameters)}`;
  const order = orderBy(rowOrder);
  const page = (source: string): string => {
    if (count === 0) return '';
    if (keyset !== undefined) return pageAfter(resource, source, rowOrder, { ...keyset, count }, parameters);
    const ids = `SELECT * FROM ${source} ORDER BY ${order} OFFSET ${parameters.add(startIndex - 1)} LIMIT ${parameters.add(count)}`;
    return pageOf(resource, ids, order);
  };
  const values = parameters.values;
  if (condition === undefined) {
    const text = framed(context, page(`(${rows}) AS l`), `${totalOf(resource, parameters)} AS total`);
    const near = keyset !== undefined || startIndex <= 10_000;
    return { text, values, reach: near && isIndexedOrder(key) ? 'range' : 'all' };
  }
  const matches = `${rows} AND ${condition.sql}`;
  const { reach } = condition;
  const counted = keyset?.after?.total;
  if (counted !== undefined && count > 0) {
    const text = framed(context, page(`(${matches}) AS l`), `${parameters.add(counted)}::int AS total`);
    return { text, values, reach: reach === 'few' ? 'range' : reach };
  }
  if (reach === 'few' && keyset === undefined && startIndex === 1 && count > 0) {
    const text = framed(context, firstOfFew(resource, matches, order, parameters.add(count)), 'r.matched AS total');
    return { text, values, reach };
  }
  return { text: framed(context, filtered(matches, page('matched')), 'r.matched AS total'), values, reach };
};

/** What is kept is not looked for, and a parameter that nothing uses has no type. */
export const totalAlone = (context: StatementContext, total: string, { values }: Parameters): CompiledStatement => ({
  text: framed(context, nothing, `${total} AS total`),
  values,
  reach: 'range',
});

const nothing = 'SELECT NULL::text AS id, 1 AS place WHERE FALSE';

const totalOf = ({ table, schema }: ResourceTable, parameters: Parameters): string => {
  if (table === 'read_resources') return totalOfTypes([schema.resourceType.name], parameters);
  return table === 'read_users' ? 's.users_total' : 's.groups_total';
};

/** Of types of the tenant's own; one without a row has no resources. */
export const totalOfTypes = (names: readonly string[], parameters: Parameters): string =>
  `(SELECT coalesce(sum(t.total), 0)::int FROM read_resource_totals t
    WHERE ${sameTenant('t')} AND t.resource_type = ANY (${parameters.add(names)}::text[]))`;

/** The ids of a page come from an index alone; only then are the rows read: a deep page costs no documents on its way. */
const pageOf = ({ table, columns }: ResourceTable, ids: string, order: string): string =>
  `SELECT ${columns.join(', ')}, p.place
    FROM (SELECT i.id, row_number() OVER (ORDER BY ${order}) AS place FROM (${ids}) i) p
    JOIN ${table} r ON ${sameTenant('r')} AND r.id = p.id`;

/** The page after a place; one row more is looked for, so that the last page is known to be the last (X2). */
const pageAfter = (
  { table, columns }: ResourceTable,
  source: string,
  order: RowOrder,
  { after, count }: Keyset & { readonly count: number },
  parameters: Parameters,
): string => {
  const size = parameters.add(count);
  const ids = idsAfter(source, order, { after, limit: parameters.add(count + 1) }, parameters);
  return `SELECT ${columns.join(', ')}, p.place, p.sort_key, p.more
    FROM (SELECT i.id, row_number() OVER (ORDER BY ${orderBy(order)}) AS place, ${placedColumns(order, size)} FROM (${ids}) i) p
    JOIN ${table} r ON ${sameTenant('r')} AND r.id = p.id WHERE p.place <= ${size}::int`;
};

const rowOrderOf = (key: string | undefined, sort: SortBy | undefined): RowOrder => ({
  key: sort === undefined || key === undefined || key === 'r.id' ? undefined : sortKeyType(sort.by),
  direction: sort?.order === 'descending' ? 'DESC' : 'ASC',
});

/** The first page of a filter that few satisfy, as identity providers ask all day: total and rows in one go. No rows: total 0. */
const firstOfFew = ({ table, columns }: ResourceTable, matches: string, order: string, count: string): string =>
  `SELECT ${columns.join(', ')}, l.matched, l.place
    FROM (SELECT m.id, count(*) OVER ()::int AS matched, row_number() OVER (ORDER BY ${order}) AS place
      FROM (${matches}) m ORDER BY place LIMIT ${count}) l
    JOIN ${table} r ON ${sameTenant('r')} AND r.id = l.id`;

/** Filters once: the same matches give the total and the page. */
export const filtered = (matches: string, page: string): string =>
  `WITH matched AS MATERIALIZED (${matches})
  SELECT c.matched, p.* FROM (SELECT count(*)::int AS matched FROM matched) c LEFT JOIN (${page === '' ? nothing : page}) p ON TRUE`;

const isIndexedOrder = (key: string | undefined): boolean =>
  key === undefined || ['r.id', 'r.user_name', 'r.external_id', 'r.display_name', 'r.changed_at'].includes(key);

/** Head, checkpoint and rows in one statement, thus one snapshot: the read barrier judges by it. */
export const framed = ({ headInDatabase }: StatementContext, rows: string, total?: string): string => `
  SELECT s.head, s.checkpoint, s.generation, s.parked_event_id, ${total === undefined ? '' : `${total}, `}r.*
  FROM (
    SELECT ${headInDatabase ? 'coalesce(h.sequence, 0)' : 'NULL::bigint'} AS head, coalesce(g.sequence, 0) AS checkpoint,
      g.generation, g.parked_event_id, coalesce(g.users_total, 0) AS users_total, coalesce(g.groups_total, 0) AS groups_total
    FROM (SELECT $1::text AS tenant_id) t
    ${headInDatabase ? 'LEFT JOIN tenant_heads h ON h.tenant_id = t.tenant_id' : ''}
    LEFT JOIN projection_generations g
      ON g.tenant_id = t.tenant_id AND g.projection = '${directoryProjection.name}' AND g.status = 'live'
  ) s LEFT JOIN LATERAL (${rows}) r ON TRUE
  ORDER BY r.place`;

export const around = ({ baseUrl, indexes }: StatementContext, parameters: Parameters): Surroundings => {
  let placeholder: string | undefined;
  return {
    tenant: '$1',
    generation: 's.generation',
    baseUrl: () => (placeholder ??= parameters.add(baseUrl)),
    indexes,
  };
};
