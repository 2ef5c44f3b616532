import { urns, type Attribute, type AttributeReference } from '#scim';
import { attributePath, jsonPath } from './document-condition.js';
import { TIME_SUFFIX } from '../projection/search-document.js';
import type { Parameters } from './condition.js';
import { isAccess, textColumnOf, timeColumnOf } from './resource-columns.js';

/** What to sort by (RFC 7644 §3.4.2.3). */
export interface SortBy {
  readonly by: AttributeReference;
  readonly order: 'ascending' | 'descending';
}

/** The PostgreSQL type of what `sortExpression` returns. */
export type SortKeyType = 'text' | 'numeric' | 'boolean' | 'timestamptz';

export const sortKeyType = ({ target }: AttributeReference): SortKeyType => {
  if (isAccess(target)) return 'boolean';
  if (timeColumnOf(target) !== undefined) return 'timestamptz';
  return isNumeric(target.type) ? 'numeric' : 'text';
};

const isNumeric = (type: AttributeReference['target']['type']): boolean =>
  type === 'integer' || type === 'decimal' || type === 'dateTime';

/** Attributes that are derived have no order of their own: sorting by them is sorting by id. */
const unsortable = new Set([`${urns.user} groups`, `${urns.group} members`]);
const isUnsortable = ({ schema, path }: Attribute): boolean =>
  path === 'schemas' || path === 'meta' || unsortable.has(`${schema} ${path}`);

/**
 * The expression in row `r` to sort by: by code point, case as the attribute has it, the primary or else the first of several values (R68,
 * R69). Undefined when only the id orders.
 */
export const sortExpression = (by: AttributeReference, parameters: Parameters): string | undefined => {
  const { attribute, subAttribute, target } = by;
  const column = textColumnOf(target) ?? timeColumnOf(target) ?? (isAccess(target) ? 'r.active' : undefined);
  if (column !== undefined) return column;
  if (isUnsortable(attribute) || target.type === 'complex') return undefined;
  const root = target.caseExact ? 'r.attributes' : 'r.search';
  const suffix = target.type === 'dateTime' ? TIME_SUFFIX : '';
  const top = jsonPath(attributePath(attribute));
  const value =
    subAttribute === undefined
      ? `${jsonPath(withSuffix(attributePath(attribute), suffix))}[0]`
      : `${top}[0]${jsonPath([subAttribute.name + suffix]).slice(1)}`;
  const first = `jsonb_path_query_first(${root}, ${parameters.add(value)}::jsonpath)`;
  if (subAttribute === undefined || !attribute.multiValued) return typed(target.type, first);
  const primary = `${top}[*] ? (@."primary" == true)${jsonPath([subAttribute.name + suffix]).slice(1)}`;
  return typed(
    target.type,
    `coalesce(jsonb_path_query_first(${root}, ${parameters.add(primary)}::jsonpath), ${first})`,
  );
};

const withSuffix = (names: readonly string[], suffix: string): readonly string[] => [
  ...names.slice(0, -1),
  `${names.at(-1) ?? ''}${suffix}`,
];

const typed = (type: AttributeReference['target']['type'], json: string): string =>
  isNumeric(type) ? `(${json} #>> '{}')::numeric` : `(${json} #>> '{}') COLLATE "C"`;
