import { invalidValue, ScimError, searchInteger, type SearchRequest } from '#scim';

/** Parameters as Fastify parses them: repeated ones come as a list. Unknown ones are ignored (R6: Entra's flag lands here). */
export type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

export const DEFAULT_PAGE_SIZE = 100;
export const MAX_PAGE_SIZE = 1000;

export interface ListParameters {
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** 1-based. Without meaning when there is a cursor. */
  readonly startIndex: number;
  readonly count: number;
  /** Undefined: paging by index, the default (X5); empty: the first page by cursor (X1). */
  readonly cursor: string | undefined;
}

/** Filter, sort and paging of a query in a URL (RFC 7644 §3.4.2, RFC 9865 §2). Throws as `listParametersOf`. */
export const listParameters = (query: RawQuery): ListParameters =>
  listParametersOf({
    filter: single(query, 'filter'),
    sortBy: single(query, 'sortBy'),
    sortOrder: single(query, 'sortOrder'),
    startIndex: searchInteger(single(query, 'startIndex'), 'startIndex'),
    count: searchInteger(single(query, 'count'), 'count'),
    cursor: query['cursor'] === '' ? '' : single(query, 'cursor'),
  });

/** The same of a request wherever it stood. Throws 400 `invalidCount` for more than a page by cursor may hold (X4). */
export const listParametersOf = ({
  filter,
  sortBy,
  sortOrder,
  startIndex = 1,
  count = DEFAULT_PAGE_SIZE,
  cursor,
}: SearchRequest): ListParameters => {
  if (cursor !== undefined && count > MAX_PAGE_SIZE)
    throw new ScimError(400, 'invalidCount', `With a cursor "count" must be between 0 and ${MAX_PAGE_SIZE}.`);
  return {
    filter: filter === '' ? undefined : filter,
    sortBy: sortBy === '' ? undefined : sortBy,
    sortOrder: sortOrder?.toLowerCase() === 'descending' ? 'descending' : 'ascending',
    startIndex: Math.max(1, startIndex),
    count: Math.min(MAX_PAGE_SIZE, Math.max(0, count)),
    cursor,
  };
};

/** Which attributes the answer shows (RFC 7644 §3.9); each a comma-separated text, or a list in a SearchRequest. */
export interface ProjectionParameters {
  readonly attributes?: string | readonly string[] | undefined;
  readonly excludedAttributes?: string | readonly string[] | undefined;
}

export const projectionParameters = (query: RawQuery): ProjectionParameters => ({
  attributes: single(query, 'attributes'),
  excludedAttributes: single(query, 'excludedAttributes'),
});

const single = (query: RawQuery, name: string): string | undefined => {
  const value = query[name];
  if (Array.isArray(value)) throw invalidValue(`The parameter "${name}" is given more than once.`);
  return value === '' ? undefined : value;
};
