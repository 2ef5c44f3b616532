import type { ResolvedComparison, ResolvedFilter, ResolvedPresence } from '#scim';
import { isIndexedWhole } from '../projection/indexed-text.js';
import { columnCondition } from './column-condition.js';
import { comparableOf, comparison, indexed, type Condition, type Parameters } from './condition.js';
import { rowsOf, type Surroundings } from './relations.js';

/** A comparison answered by the rows of an indexed attribute; undefined when there are none, or the operator needs more than an index. */
export const valueComparison = (
  leaf: ResolvedComparison,
  around: Surroundings,
  parameters: Parameters,
): Condition | undefined => {
  const { operator, target } = leaf;
  if (!around.indexes.has(target.path) || operator === 'ne' || operator === 'co' || operator === 'ew') return undefined;
  const test = valueTest(leaf);
  return test === undefined ? undefined : found(target.path, test, around, parameters);
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
