import type { Filter } from './filter.js';

/** Writes a filter down again; parsing the text gives the same tree. */
export const filterToText = (filter: Filter): string => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.operands.map(operandToText).join(` ${filter.kind} `);
    case 'not':
      return `not (${filterToText(filter.operand)})`;
    case 'present':
      return `${filter.name} pr`;
    case 'compare':
      return `${filter.name} ${filter.operator} ${JSON.stringify(filter.value)}`;
    case 'valuePath':
      return `${filter.name}[${filterToText(filter.filter)}]`;
  }
};

const operandToText = (filter: Filter): string =>
  filter.kind === 'and' || filter.kind === 'or' ? `(${filterToText(filter)})` : filterToText(filter);
