import type { Attribute } from '../schemas/resource-schema.js';
import { parseDateTime } from '../values/date-time.js';
import { fold } from '../values/folding.js';
import { compareCodePoints } from '../values/ordering.js';
import { isList, isScimObject, own } from '../values/scim-value.js';
import type { ScimObject, ScimValue } from '../values/scim-value.js';
import type { ComparisonOperator } from './filter.js';
import type { AttributeReference, ComparisonValue, ResolvedComparison, ResolvedFilter } from './resolved-filter.js';

type ValuesOf = (reference: AttributeReference) => readonly ScimValue[];

/** Whether a resource satisfies the filter; the reference for what its SQL must answer. */
export const matches = (filter: ResolvedFilter, resource: ScimObject): boolean =>
  evaluate(filter, resource, (reference) => valuesIn(resource, reference));

/** Whether one element of a multi-valued attribute satisfies a filter resolved by `resolveElementFilter`. */
export const matchesElement = (filter: ResolvedFilter, element: ScimValue): boolean =>
  evaluate(filter, {}, ({ subAttribute }) =>
    subAttribute === undefined ? [element] : subValues([element], subAttribute),
  );

const evaluate = (filter: ResolvedFilter, resource: ScimObject, valuesOf: ValuesOf): boolean => {
  switch (filter.kind) {
    case 'and':
      return filter.operands.every((operand) => evaluate(operand, resource, valuesOf));
    case 'or':
      return filter.operands.some((operand) => evaluate(operand, resource, valuesOf));
    case 'not':
      return !evaluate(filter.operand, resource, valuesOf);
    case 'constant':
      return filter.value;
    case 'present':
      return valuesOf(filter).length > 0;
    case 'compare':
      return compareAny(filter, valuesOf(filter));
    case 'valuePath':
      return topValues(resource, filter.attribute).some((element) => matchesElement(filter.filter, element));
  }
};

const compareAny = ({ operator, value }: ResolvedComparison, values: readonly ScimValue[]): boolean =>
  values.length === 0 ? operator === 'ne' : values.some((candidate) => compare(operator, value, candidate));

const valuesIn = (resource: ScimObject, { attribute, subAttribute }: AttributeReference): readonly ScimValue[] => {
  const values = topValues(resource, attribute);
  return subAttribute === undefined ? values : subValues(values, subAttribute);
};

const topValues = (resource: ScimObject, attribute: Attribute): readonly ScimValue[] => {
  const container = attribute.extension === undefined ? resource : own(resource, attribute.extension);
  return isScimObject(container) ? asList(own(container, attribute.name)) : [];
};

const subValues = (elements: readonly ScimValue[], subAttribute: Attribute): readonly ScimValue[] =>
  elements.flatMap((element) => (isScimObject(element) ? asList(own(element, subAttribute.name)) : []));

const asList = (value: ScimValue | undefined): readonly ScimValue[] =>
  value === undefined ? [] : isList(value) ? value : [value];

const compare = (operator: ComparisonOperator, expected: ComparisonValue, actual: ScimValue): boolean => {
  switch (expected.type) {
    case 'string':
      return (
        typeof actual === 'string' &&
        compareText(operator, expected.caseExact ? actual : fold(actual), expected.comparable)
      );
    case 'boolean':
      return (actual === expected.value) === (operator === 'eq');
    case 'number':
      return typeof actual === 'number' && ordered(operator, actual - expected.value);
    case 'dateTime': {
      const time = typeof actual === 'string' ? parseDateTime(actual) : undefined;
      return time !== undefined && ordered(operator, time - expected.time);
    }
  }
};

const compareText = (operator: ComparisonOperator, actual: string, expected: string): boolean => {
  switch (operator) {
    case 'co':
      return actual.includes(expected);
    case 'sw':
      return actual.startsWith(expected);
    case 'ew':
      return actual.endsWith(expected);
    default:
      return ordered(operator, compareCodePoints(actual, expected));
  }
};

const ordered = (operator: ComparisonOperator, difference: number): boolean => {
  switch (operator) {
    case 'eq':
      return difference === 0;
    case 'ne':
      return difference !== 0;
    case 'gt':
      return difference > 0;
    case 'ge':
      return difference >= 0;
    case 'lt':
      return difference < 0;
    case 'le':
      return difference <= 0;
    default:
      return false; // co, sw and ew are for text alone; resolution refuses them elsewhere
  }
};
