import { invalidValue } from '#scim';

/** Parameters as Fastify parses them: repeated ones come as a list. Unknown ones are ignored (R6: Entra's flag lands here). */
export type RawQuery = Readonly<Record<string, string | string[] | undefined>>;

export const DEFAULT_PAGE_SIZE = 100;
export const MAX_PAGE_SIZE = 1000;

export interface ListParameters {
  readonly filter: string | undefined;
  readonly sortBy: string | undefined;
  readonly sortOrder: 'ascending' | 'descending';
  /** 1-based. */
  readonly startIndex: number;
  readonly count: number;
}

/** Index paging, filter and sort of a query (RFC 7644 §3.4.2). Throws 400 `invalidValue` for numbers that are none (R71 to R73). */
export const listParameters = (query: RawQuery): ListParameters => ({
  filter: single(query, 'filter'),
  sortBy: single(query, 'sortBy'),
  sortOrder: single(query, 'sortOrder')?.toLowerCase() === 'descending' ? 'descending' : 'ascending',
  startIndex: Math.max(1, integer(query, 'startIndex') ?? 1),
  count: Math.min(MAX_PAGE_SIZE, Math.max(0, integer(query, 'count') ?? DEFAULT_PAGE_SIZE)),
});

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

const integer = (query: RawQuery, name: string): number | undefined => {
  const text = single(query, name);
  if (text === undefined) return undefined;
  if (!/^[+-]?\d{1,15}$/.test(text.trim())) throw invalidValue(`The parameter "${name}" must be an integer.`);
  return Number(text);
};
