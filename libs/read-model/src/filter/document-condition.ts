import type { Attribute, AttributeReference, ResolvedComparison, ResolvedPresence } from '#scim';
import { TIME_SUFFIX } from '../projection/search-document.js';
import { comparableOf, pathOperator, scanned, type Condition, type Parameters } from './condition.js';

/** Where the values of an attribute stand: two JSONB expressions of one shape, folded and as sent, and the way down from there. */
export interface Document {
  readonly search: string;
  readonly exact: string;
  /** Names from the document's root to the values of `reference`. */
  readonly pathOf: (reference: AttributeReference) => readonly string[];
}

/** A whole resource, in the row called `row`. */
export const resourceDocument = (row: string): Document => ({
  search: `${row}.search`,
  exact: `${row}.attributes`,
  pathOf: ({ attribute, subAttribute }) => [
    ...attributePath(attribute),
    ...(subAttribute === undefined ? [] : [subAttribute.name]),
  ],
});

/** One element of a multi-valued attribute. */
export const elementDocument = (alias: string): Document => ({
  search: `${alias}.search`,
  exact: `${alias}.exact`,
  pathOf: ({ subAttribute }) => (subAttribute === undefined ? [] : [subAttribute.name]),
});

export const attributePath = ({ extension, name }: Attribute): readonly string[] =>
  extension === undefined ? [name] : [extension, name];

/** A SQL/JSON path in lax mode, which looks into lists by itself: any value will do (R61). */
export const jsonPath = (names: readonly string[]): string =>
  ['$', ...names.map((name) => `."${name.replaceAll(/["\\]/g, '\\$&')}"`)].join('');

export const presenceInDocument = (document: Document, leaf: ResolvedPresence, parameters: Parameters): Condition =>
  scanned(isAssigned(document, leaf, parameters));

/** Compares within JSONB: for every attribute that has no column of its own, whatever schema it belongs to. */
export const comparisonInDocument = (
  document: Document,
  leaf: ResolvedComparison,
  parameters: Parameters,
): Condition => {
  const compared = isSubstring(leaf)
    ? substring(document, leaf, parameters)
    : compareByPath(document, leaf, parameters);
  return scanned(leaf.operator === 'ne' ? `(NOT ${isAssigned(document, leaf, parameters)} OR ${compared})` : compared);
};

const isAssigned = (document: Document, reference: AttributeReference, parameters: Parameters): string =>
  `jsonb_path_exists(${document.exact}, ${parameters.add(`${jsonPath(document.pathOf(reference))}[*]`)}::jsonpath)`;

const compareByPath = (document: Document, leaf: ResolvedComparison, parameters: Parameters): string => {
  const { path, root } = place(document, leaf);
  const test = leaf.operator === 'sw' ? 'starts with' : pathOperator(leaf.operator as 'eq');
  const query = parameters.add(`${path} ? (@ ${test} $value)`);
  const value = parameters.add(JSON.stringify({ value: comparableOf(leaf.value) }));
  return `jsonb_path_exists(${root}, ${query}::jsonpath, ${value}::jsonb)`;
};

const isSubstring = ({ operator }: ResolvedComparison): boolean => operator === 'co' || operator === 'ew';

const substring = (document: Document, leaf: ResolvedComparison, parameters: Parameters): string => {
  const { path, root } = place(document, leaf);
  const values = `jsonb_path_query(${root}, ${parameters.add(`${path}[*]`)}::jsonpath) AS v(value)`;
  const text = parameters.add(comparableOf(leaf.value));
  const expression = `v.value #>> '{}'`;
  const test =
    leaf.operator === 'co'
      ? `strpos(${expression}, ${text}) > 0`
      : `right(${expression}, char_length(${text})) = ${text}`;
  return `EXISTS (SELECT FROM ${values} WHERE ${test})`;
};

const place = (document: Document, { value, ...reference }: ResolvedComparison) => {
  const names = document.pathOf(reference);
  const isExact = value.type === 'string' && value.caseExact;
  const path = jsonPath(value.type === 'dateTime' ? withSuffix(names) : names);
  return { path, root: isExact ? document.exact : document.search };
};

const withSuffix = (names: readonly string[]): readonly string[] => [
  ...names.slice(0, -1),
  `${names.at(-1) ?? ''}${TIME_SUFFIX}`,
];
