import { memberWithoutCase } from '../validation/resource-body.js';
import { isObject } from '../values/scim-value.js';
import { invalidSyntax, invalidValue } from './scim-error.js';

/** The parameters of a query as a client sends them, in a URL or in a message; numbers are integers, whatever their size. */
export interface SearchRequest {
  readonly filter?: string | undefined;
  readonly sortBy?: string | undefined;
  readonly sortOrder?: string | undefined;
  readonly startIndex?: number | undefined;
  readonly count?: number | undefined;
  /** Empty: the first page of a query that pages by cursor (RFC 9865 §2). */
  readonly cursor?: string | undefined;
  readonly attributes?: readonly string[] | undefined;
  readonly excludedAttributes?: readonly string[] | undefined;
}

/**
 * Reads a SearchRequest (RFC 7644 §3.4.3). `schemas` is not looked at: clients send the URN of the answer, or none. Throws ScimError 400
 * `invalidSyntax` for a body that is no object and `invalidValue` for members of the wrong type.
 */
export const parseSearchRequest = (body: unknown): SearchRequest => {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object: a SearchRequest.');
  const member = (name: string): unknown => memberWithoutCase(body, name) ?? undefined;
  return {
    filter: text(member('filter'), 'filter'),
    sortBy: text(member('sortBy'), 'sortBy'),
    sortOrder: text(member('sortOrder'), 'sortOrder'),
    startIndex: searchInteger(member('startIndex'), 'startIndex'),
    count: searchInteger(member('count'), 'count'),
    cursor: text(member('cursor'), 'cursor'),
    attributes: names(member('attributes'), 'attributes'),
    excludedAttributes: names(member('excludedAttributes'), 'excludedAttributes'),
  };
};

/** A parameter that must be an integer, as a number or as its text. Throws 400 `invalidValue` (R73). */
export const searchInteger = (value: unknown, name: string): number | undefined => {
  if (value === undefined || value === '') return undefined;
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value.trim())) return Number(value);
  throw invalidValue(`The parameter "${name}" must be an integer.`);
};

const text = (value: unknown, name: string): string | undefined => {
  if (value === undefined || typeof value === 'string') return value;
  throw invalidValue(`The parameter "${name}" must be a string.`);
};

/** A list of names; some clients send them as a query would: one text with commas. */
const names = (value: unknown, name: string): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const isList = typeof value === 'string' || Array.isArray(value);
  if (!isList || !list.every((one) => typeof one === 'string'))
    throw invalidValue(`The parameter "${name}" must be a list of attribute names.`);
  return list;
};
