import type { ComparisonOperator, ComparisonValue } from '#scim';

/** A boolean SQL expression that may be NULL, which counts as false. */
export interface Condition {
  readonly sql: string;
  /** An index finds the few rows that satisfy it, or a range that may be long; or every row of the tenant is looked at. */
  readonly reach: Reach;
}

export type Reach = 'few' | 'range' | 'all';

/** The values of a statement. What a client sends only ever becomes one of them, never a part of the text. */
export class Parameters {
  constructor(readonly values: unknown[]) {}

  /** Returns the placeholder. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }
}

export const scanned = (sql: string): Condition => ({ sql, reach: 'all' });
export const indexed = (sql: string, reach: Exclude<Reach, 'all'>): Condition => ({ sql, reach });

export const all = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.length === 0 ? 'TRUE' : `(${conditions.map(({ sql }) => sql).join(' AND ')})`,
  reach: (['few', 'range'] as const).find((reach) => conditions.some((one) => one.reach === reach)) ?? 'all',
});

/** Conditions on the columns of one table: PostgreSQL puts their indexes together by itself. */
export const any = (conditions: readonly Condition[]): Condition => ({
  sql: conditions.length === 0 ? 'FALSE' : `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
  reach: farthest(conditions),
});

/** How much is looked at when each of the conditions has to be. */
export const farthest = (conditions: readonly Condition[]): Reach =>
  (['all', 'range'] as const).find((reach) => conditions.some((one) => one.reach === reach)) ??
  (conditions.length === 0 ? 'all' : 'few');

/** True where the condition is false or NULL: what has no value does not satisfy it, so it satisfies its opposite. */
export const not = ({ sql }: Condition): Condition => scanned(`((${sql}) IS NOT TRUE)`);

const ordering: Readonly<Record<Exclude<ComparisonOperator, 'co' | 'sw' | 'ew'>, string>> = {
  eq: '=',
  ne: '<>',
  gt: '>',
  ge: '>=',
  lt: '<',
  le: '<=',
};

/** Compares an assigned value, a SQL expression of the value's type; NULL when it is not assigned, with `ne` too. */
export const comparison = (
  expression: string,
  operator: ComparisonOperator,
  value: ComparisonValue,
  parameters: Parameters,
): string => {
  switch (operator) {
    case 'co':
      return `strpos(${expression}, ${parameters.add(comparableOf(value))}) > 0`;
    case 'sw':
      return `starts_with(${expression}, ${parameters.add(comparableOf(value))})`;
    case 'ew': {
      const text = parameters.add(comparableOf(value));
      return `right(${expression}, char_length(${text})) = ${text}`;
    }
    default:
      return `${expression} ${ordering[operator]} ${operand(value, parameters)}`;
  }
};

/** `ne` holds for what is not assigned as well (RFC 7643 §2.5); the other operators do not. */
export const total = (expression: string, operator: ComparisonOperator, compared: string): string =>
  operator === 'ne' ? `(${expression} IS NULL OR ${compared})` : compared;

/** The operator as SQL/JSON paths write it. */
export const pathOperator = (operator: Exclude<ComparisonOperator, 'co' | 'sw' | 'ew'>): string =>
  operator === 'eq' ? '==' : operator === 'ne' ? '!=' : ordering[operator];

/** What is compared: folded text unless case counts, milliseconds for a date with time. */
export const comparableOf = (value: ComparisonValue): string | number | boolean =>
  value.type === 'string' ? value.comparable : value.type === 'dateTime' ? value.time : value.value;

const operand = (value: ComparisonValue, parameters: Parameters): string => {
  const placeholder = parameters.add(comparableOf(value));
  return value.type === 'dateTime' ? `to_timestamp(${placeholder}::float8 / 1000)` : placeholder;
};
