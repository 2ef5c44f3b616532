import type { Attribute, ResolvedComparison, ResolvedFilter, ResolvedPresence } from '#scim';
import { isIndexedWhole } from '../projection/indexed-text.js';
import { columnCondition } from './column-condition.js';
import { any, comparison, indexed, scanned, total, type Condition, type Parameters } from './condition.js';
import { comparisonInDocument, presenceInDocument, type Document } from './document-condition.js';
import type { Scope } from './scope.js';

/** Values of a multi-valued attribute that stand in rows of their own. */
export interface Relation {
  /** A subquery of resource ids, up to and including its WHERE; more conditions follow. */
  readonly idsWhere: string;
  /** The sub-attributes of one row. */
  readonly element: Scope;
  /** Whether the rows can answer this filter on one element. */
  readonly answers: (filter: ResolvedFilter) => boolean;
}

/** What the subqueries need of the statement around them: SQL for tenant, generation and the tenant's base URL. */
export interface Surroundings {
  readonly tenant: string;
  readonly generation: string;
  /** The tenant's SCIM base URL as a parameter, added at the first call. */
  readonly baseUrl: () => string;
  /** Canonical paths of the attributes whose values stand in read_values. */
  readonly indexes: ReadonlySet<string>;
}

/** Rows of the tenant's generation in the table called `alias`. */
export const rowsOf = ({ tenant, generation }: Surroundings, alias: string): string =>
  `${alias}.tenant_id = ${tenant} AND ${alias}.generation = ${generation}`;

/** `emails`, by value, type and primary; `display`, and what an index cannot hold, stand in the document only. */
export const emailRelation = (around: Surroundings, parameters: Parameters): Relation => ({
  idsWhere: `SELECT e.user_id FROM read_emails e WHERE ${rowsOf(around, 'e')}`,
  element: scopeOf({ value: () => 'e.value', type: () => 'e.type', primary: () => 'e.is_primary' }, (column, leaf) => {
    if (leaf.value.type === 'boolean')
      return scanned(total(column, leaf.operator, comparison(column, leaf.operator, leaf.value, parameters)));
    const condition = columnCondition(column, leaf, parameters, neverAsked);
    return column === 'e.value' ? condition : scanned(condition.sql); // "work" says nothing about who it is
  }),
  answers: emailRowsAnswer,
});

const emailRowsAnswer = (filter: ResolvedFilter): boolean => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.every(emailRowsAnswer);
    case 'not':
      return emailRowsAnswer(filter.operand);
    case 'constant':
      return true;
    case 'present':
      return ['value', 'type', 'primary'].includes(filter.subAttribute?.name ?? '');
    case 'compare':
      return ['value', 'type', 'primary'].includes(filter.subAttribute?.name ?? '') && isAnsweredByColumn(filter);
    case 'valuePath':
      return false;
  }
};

const isAnsweredByColumn = ({ operator, value }: ResolvedComparison): boolean =>
  operator !== 'co' && operator !== 'ew' && (value.type !== 'string' || isIndexedWhole(value.comparable));

/** `User.groups`: groups that have the user as a direct member. The join drops deleted groups whose rows are not swept yet. */
export const groupRelation = (around: Surroundings, parameters: Parameters): Relation => {
  const group: Document = { search: 'g.search', exact: 'g.attributes', pathOf: () => ['displayName'] };
  const scope = scopeOf(
    {
      value: () => 'm.group_id',
      $ref: () => `(${around.baseUrl()}::text || '/Groups/' || m.group_id) COLLATE "C"`,
      type: () => `'direct'::text COLLATE "C"`,
    },
    (column, leaf) => asRange(expressionCondition(column, leaf, parameters)),
  );
  return {
    idsWhere: `SELECT m.member_id FROM read_memberships m JOIN read_groups g
      ON ${rowsOf(around, 'g')} AND g.id = m.group_id WHERE ${rowsOf(around, 'm')}`,
    element: {
      ...scope,
      compare: (leaf) =>
        leaf.subAttribute?.name === 'display' ? comparisonInDocument(group, leaf, parameters) : scope.compare(leaf),
      present: (leaf) =>
        leaf.subAttribute?.name === 'display' ? presenceInDocument(group, leaf, parameters) : scope.present(leaf),
    },
    answers: () => true,
  };
};

/** A group may have any number of members. */
const asRange = (condition: Condition): Condition =>
  condition.reach === 'few' ? { ...condition, reach: 'range' } : condition;

/** `Group.members`. */
export const memberRelation = (around: Surroundings, parameters: Parameters): Relation => ({
  idsWhere: `SELECT m.group_id FROM read_memberships m WHERE ${rowsOf(around, 'm')}`,
  element: scopeOf(
    {
      value: () => 'm.member_id',
      type: () => 'lower(m.member_type) COLLATE "C"',
      $ref: () => `(${around.baseUrl()}::text || '/' || m.member_type || 's/' || m.member_id) COLLATE "C"`,
      display: () => `(${memberDisplay(around)}) COLLATE "C"`,
    },
    (column, leaf) => expressionCondition(column, leaf, parameters),
  ),
  answers: () => true,
});

const memberDisplay = (around: Surroundings): string => `CASE m.member_type
  WHEN 'User' THEN (SELECT u.search ->> 'displayName' FROM read_users u
    WHERE ${rowsOf(around, 'u')} AND u.id = m.member_id)
  ELSE (SELECT n.search ->> 'displayName' FROM read_groups n WHERE ${rowsOf(around, 'n')} AND n.id = m.member_id) END`;

/** Compares a text expression; `=` on a plain column reaches its index. */
export const expressionCondition = (
  expression: string,
  leaf: ResolvedComparison,
  parameters: Parameters,
): Condition => {
  const sql = total(expression, leaf.operator, comparison(expression, leaf.operator, leaf.value, parameters));
  return leaf.operator === 'eq' && /^\w+\.\w+$/.test(expression) ? indexed(sql, 'few') : scanned(sql);
};

/** SQL of each sub-attribute, made when it is asked for: a parameter must not be added that the statement does not use. */
type Columns = Readonly<Record<string, () => string>>;

const scopeOf = (columns: Columns, compare: (column: string, leaf: ResolvedComparison) => Condition): Scope => ({
  compare: (leaf) => {
    const column = columnOf(columns, leaf.subAttribute);
    return column === undefined ? scanned(leaf.operator === 'ne' ? 'TRUE' : 'FALSE') : compare(column, leaf);
  },
  present: (leaf: ResolvedPresence) => {
    const column = columnOf(columns, leaf.subAttribute);
    return scanned(column === undefined ? 'FALSE' : `${column} IS NOT NULL`);
  },
  valuePath: neverAsked, // value filters cannot be nested (RFC 7644 §3.4.2.2)
  either: any,
});

const columnOf = (columns: Columns, subAttribute: Attribute | undefined): string | undefined =>
  subAttribute === undefined ? undefined : columns[subAttribute.name]?.();

const neverAsked = (): never => {
  throw new RangeError('A filter on one element went where it cannot be answered.');
};
