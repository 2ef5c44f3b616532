import type { ResolvedComparison } from '#scim';
import { afterPrefix, indexedText, isIndexedWhole } from '../projection/indexed-text.js';
import { all, comparison, indexed, scanned, total, type Condition, type Parameters } from './condition.js';

/**
 * Compares a text column that holds `indexedText` of a value: `eq` and `sw` reach the index, the order is exact as well. `elsewhere` answers
 * what the column cannot, for it may hold only the beginning: substrings, and comparisons with longer texts.
 */
export const columnCondition = (
  column: string,
  leaf: ResolvedComparison,
  parameters: Parameters,
  elsewhere: (leaf: ResolvedComparison) => Condition,
): Condition => {
  const { operator, value } = leaf;
  if (value.type !== 'string' || operator === 'co' || operator === 'ew') return elsewhere(leaf);
  if (!isIndexedWhole(value.comparable)) {
    if (operator !== 'eq') return elsewhere(leaf);
    return all([indexed(`${column} = ${parameters.add(indexedText(value.comparable))}`, 'few'), elsewhere(leaf)]);
  }
  if (operator === 'sw') return startsWith(column, value.comparable, parameters);
  const sql = total(column, operator, comparison(column, operator, value, parameters));
  return operator === 'eq' ? indexed(sql, 'few') : scanned(sql);
};

const startsWith = (column: string, prefix: string, parameters: Parameters): Condition => {
  const end = afterPrefix(prefix);
  const from = `${column} >= ${parameters.add(prefix)}`;
  const sql = end === undefined ? from : `(${from} AND ${column} < ${parameters.add(end)})`;
  return prefix === '' ? scanned(sql) : indexed(sql, 'range');
};
