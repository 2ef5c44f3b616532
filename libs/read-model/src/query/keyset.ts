import type { SortKeyType } from '../filter/sort-expression.js';
import type { Parameters } from '../filter/condition.js';

/** A row's place in the order of a query: what cursor paging goes on from (RFC 9865). */
export interface Place {
  readonly id: string;
  /** The value sorted by, as PostgreSQL writes it; null when the row has none, or when the id alone orders. */
  readonly key: string | null;
  /** The matches of a filter as the first page counted them: later pages go on without counting (RFC 9865 lets totals be as old as that). */
  readonly total?: number;
}

/** Asks for the rows after a place instead of a page by number; `after` undefined: from the first row on. */
export interface Keyset {
  readonly after: Place | undefined;
}

/** An order of rows that have the columns `id` and, when there is a key, `sort_key`. */
export interface RowOrder {
  readonly key: SortKeyType | undefined;
  readonly direction: 'ASC' | 'DESC';
}

/** No value comes last ascending and first descending (R69), which is PostgreSQL's own order of NULL; ties by id (R70). */
export const orderBy = ({ key, direction }: RowOrder): string =>
  key === undefined ? `id ${direction}` : `sort_key ${direction}, id`;

/**
 * The ids after a place, at most `limit`, in order. However deep the place is, this costs the rows of one page where an index has the order:
 * so the rows with a key and those without are asked for apart, each a range.
 */
export const idsAfter = (
  source: string,
  order: RowOrder,
  { after, limit }: Keyset & { readonly limit: string },
  parameters: Parameters,
): string => {
  const page = (condition: string): string =>
    `SELECT * FROM ${source}${condition === '' ? '' : ` WHERE ${condition}`} ORDER BY ${orderBy(order)} LIMIT ${limit}`;
  const [first = '', ...others] = after === undefined ? [''] : conditions(order, after, parameters);
  if (others.length === 0) return page(first);
  const parts = [first, ...others].map((condition) => `(${page(condition)})`).join(' UNION ALL ');
  return `SELECT * FROM (${parts}) u ORDER BY ${orderBy(order)} LIMIT ${limit}`;
};

const conditions = ({ key, direction }: RowOrder, after: Place, parameters: Parameters): readonly string[] => {
  const id = parameters.add(after.id);
  const beyond = direction === 'ASC' ? '>' : '<';
  if (key === undefined) return [`id ${beyond} ${id}`];
  const unassigned = `sort_key IS NULL`;
  if (after.key === null) {
    const rest = `${unassigned} AND id > ${id}`;
    return direction === 'ASC' ? [rest] : [rest, 'sort_key IS NOT NULL'];
  }
  const value = `${parameters.add(after.key)}::${key}`;
  const rest = `sort_key ${beyond}= ${value} AND (sort_key ${beyond} ${value} OR id > ${id})`;
  return direction === 'ASC' ? [rest, unassigned] : [rest];
};

/** Columns of a page of a keyset, of which `ids` holds one row more than the page: whether there are more, and each row's place. */
export const placedColumns = ({ key }: RowOrder, count: string): string =>
  `${key === undefined ? 'NULL::text' : 'i.sort_key::text'} AS sort_key, count(*) OVER () > ${count}::int AS more`;

/** What the page's rows carry for the next one. */
export interface PlacedColumns {
  readonly more?: boolean | null;
  readonly sort_key?: string | null;
  readonly total?: number;
}

/** The place of the last row when there are rows after it; `isFiltered`: with the total, which was counted. */
export const nextPlace = (
  rows: readonly (PlacedColumns & { readonly id: string | null })[],
  isFiltered: boolean,
): Place | undefined => {
  const last = rows.at(-1);
  if (last === undefined || last.id === null || last.more !== true) return undefined;
  const place = { id: last.id, key: last.sort_key ?? null };
  return isFiltered && last.total !== undefined ? { ...place, total: last.total } : place;
};
