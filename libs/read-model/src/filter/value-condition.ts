import type { ResolvedComparison, ResolvedFilter, ResolvedPresence } from '#scim';
import { isIndexedWhole } from '../projection/indexed-text.js';
import { columnCondition } from './column-condition.js';
import { comparableOf, comparison, indexed, type Condition, type Parameters } from './condition.js';
import { rowsOf, type Surroundings } from './relations.js';
import type { Together } from './scope.js';

/** A comparison answered by the rows of an indexed attribute; undefined when there are none, or the operator needs more than an index. */
export const valueComparison = (
  leaf: ResolvedComparison,
  around: Surroundings,
  parameters: Parameters,
): Condition | undefined => {
  const test = testOf(leaf, around);
  return test === undefined ? undefined : found(leaf.target.path, test, around, parameters);
};

const testOf = (leaf: ResolvedComparison, { indexes }: Surroundings): Test | undefined => {
  const { operator, target } = leaf;
  if (!indexes.has(target.path) || operator === 'ne' || operator === 'co' || operator === 'ew') return undefined;
  return valueTest(leaf);
};

/**
 * Comparisons with one value, such as both ends of a range, answered by one look at its row: apart, each would find half of the tenant. An
 * attribute with several values may satisfy each by another one.
 */
export const valueRanges = (
  operands: readonly ResolvedFilter[],
  around: Surroundings,
  parameters: Parameters,
): Together => {
  const byPath = new Map<string, { readonly leaf: ResolvedComparison; readonly test: Test }[]>();
  for (const leaf of operands) {
    if (leaf.kind !== 'compare' || leaf.attribute.multiValued || leaf.target.multiValued) continue;
    const test = testOf(leaf, around);
    if (test !== undefined) byPath.set(leaf.target.path, [...(byPath.get(leaf.target.path) ?? []), { leaf, test }]);
  }
  const ranges = [...byPath].filter(([, parts]) => parts.length > 1);
  const answered = new Set<ResolvedFilter>(ranges.flatMap(([, parts]) => parts.map(({ leaf }) => leaf)));
  const whole = (parts: readonly { readonly test: Test }[]): Test => {
    return (values) => parts.map(({ test }) => test(values)).join(' AND ');
  };
  return {
    conditions: ranges.map(([path, parts]) => found(path, whole(parts), around, parameters)),
    others: operands.filter((operand) => !answered.has(operand)),
  };
};

/** `pr` answered by the rows of an indexed attribute. */
export const valuePresence = (
  { target }: ResolvedPresence,
  around: Surroundings,
  parameters: Parameters,
): Condition | undefined =>
  around.indexes.has(target.path) ? found(target.path, () => 'TRUE', around, parameters) : undefined;

/** A comparison that must hold for the whole filter to hold and that such rows answer. */
export const narrowing = (
  filter: ResolvedFilter,
  around: Surroundings,
  parameters: Parameters,
): Condition | undefined => {
  for (const leaf of filter.kind === 'and' ? filter.operands : [filter]) {
    const condition = leaf.kind === 'compare' ? valueComparison(leaf, around, parameters) : undefined;
    if (condition !== undefined) return condition;
  }
  return undefined;
};

type Test = (parameters: Parameters) => string;

/** An attribute may have one value in many resources: never a few. */
const found = (path: string, test: Test, around: Surroundings, parameters: Parameters): Condition => {
  const rows = `SELECT v.resource_id FROM read_values v WHERE ${rowsOf(around, 'v')} AND v.path = ${parameters.add(path)}`;
  return indexed(`r.id IN (${rows} AND ${test(parameters)})`, 'range');
};

const valueTest = (leaf: ResolvedComparison): Test | undefined => {
  const { operator, value } = leaf;
  if (value.type !== 'string')
    return (parameters) =>
      comparison('v.number', operator, { type: 'number', value: Number(comparableOf(value)) }, parameters);
  if (!isIndexedWhole(value.comparable)) return undefined; // the rows hold no more than its beginning
  const column = value.caseExact ? 'v.exact' : 'v.folded';
  return (parameters) => columnCondition(column, leaf, parameters, neverAsked).sql;
};

const neverAsked = (): never => {
  throw new RangeError('A comparison went where it cannot be answered.');
};
