import { invalidFilter } from '../messages/scim-error.js';
import type { Attribute } from '../schemas/resource-schema.js';
import { parseDateTime } from '../values/date-time.js';
import { fold } from '../values/folding.js';
import type { ComparisonOperator, FilterLiteral } from './filter.js';
import type { ComparisonValue } from './resolved-filter.js';

const substring = new Set<ComparisonOperator>(['co', 'sw', 'ew']);
const ordering = new Set<ComparisonOperator>(['gt', 'ge', 'lt', 'le']);

/** The value in the type of the attribute; throws 400 `invalidFilter` where operator or value do not suit it (RFC 7644 §3.4.2.2). */
export const toComparisonValue = (
  attribute: Attribute,
  operator: ComparisonOperator,
  value: Exclude<FilterLiteral, null>,
): ComparisonValue => {
  switch (attribute.type) {
    case 'boolean':
      if (operator !== 'eq' && operator !== 'ne') throw refusedOperator(attribute, operator);
      return { type: 'boolean', value: toBoolean(attribute, value) };
    case 'integer':
    case 'decimal':
      if (substring.has(operator)) throw refusedOperator(attribute, operator);
      if (typeof value !== 'number') throw wrongType(attribute, 'a number');
      return { type: 'number', value };
    case 'dateTime':
      if (substring.has(operator)) throw refusedOperator(attribute, operator);
      return toTime(attribute, value);
    case 'binary':
    case 'complex': // does not come here: a complex attribute is compared by its `value`
    case 'string':
    case 'reference':
      if (attribute.type === 'binary' && ordering.has(operator)) throw refusedOperator(attribute, operator);
      if (typeof value !== 'string') throw wrongType(attribute, 'a string in double quotes');
      return {
        type: 'string',
        value,
        caseExact: attribute.caseExact,
        comparable: attribute.caseExact ? value : fold(value),
      };
  }
};

/** Entra quotes booleans: `roles[primary eq "True"]`. */
const toBoolean = (attribute: Attribute, value: Exclude<FilterLiteral, null>): boolean => {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text !== 'true' && text !== 'false') throw wrongType(attribute, 'true or false');
  return text === 'true';
};

const toTime = (attribute: Attribute, value: Exclude<FilterLiteral, null>): ComparisonValue => {
  const time = typeof value === 'string' ? parseDateTime(value) : undefined;
  if (typeof value !== 'string' || time === undefined) {
    throw wrongType(attribute, 'a date with time, such as "2026-01-31T08:00:00Z"');
  }
  return { type: 'dateTime', value, time };
};

const wrongType = (attribute: Attribute, expected: string) =>
  invalidFilter(`"${attribute.path}" is of type ${attribute.type}: compare it with ${expected}.`);

const refusedOperator = (attribute: Attribute, operator: ComparisonOperator) =>
  invalidFilter(`"${attribute.path}" is of type ${attribute.type}: "${operator}" cannot be used on it.`);
