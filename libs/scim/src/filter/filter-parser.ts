import { invalidFilter } from '../messages/scim-error.js';
import { limits } from '../values/limits.js';
import type { FilterLimits } from '../values/limits.js';
import { FilterScanner } from './filter-scanner.js';
import { comparisonOperators } from './filter.js';
import type { ComparisonOperator, Filter } from './filter.js';

/**
 * Parses a filter (RFC 7644 §3.4.2.2). Throws ScimError 400 `invalidFilter` that names the place of the fault.
 * `not` binds before `and`, `and` before `or`. A value path may be the whole condition, or be followed by a sub-attribute and
 * a comparison, as Entra writes it.
 */
export const parseFilter = (text: string, bounds: FilterLimits = limits): Filter => {
  const scanner = new FilterScanner(text);
  const filter = new FilterParser(scanner, bounds).parseWhole();
  if (!scanner.atEnd) throw scanner.fault('"and", "or" or the end');
  return filter;
};

/** The grammar, by recursive descent with a bound on depth. Also reads the filter inside a PATCH path. */
export class FilterParser {
  private comparisons = 0;
  private depth = 0;
  private withinValuePath = false;

  constructor(
    private readonly scanner: FilterScanner,
    private readonly bounds: FilterLimits,
  ) {
    if (scanner.text.length > bounds.filterLength) {
      throw invalidFilter(`The filter has ${scanner.text.length} characters; ${bounds.filterLength} are allowed.`);
    }
  }

  parseWhole(): Filter {
    return this.parseOr();
  }

  /** The filter of a value path, after its opening bracket and through its closing one. */
  parseBracketed(): Filter {
    if (this.withinValuePath) throw this.scanner.fault('no further "[": value paths cannot be nested');
    this.scanner.expect('[', 'to open a value filter');
    this.withinValuePath = true;
    const filter = this.nested(() => this.parseOr());
    this.scanner.expect(']', 'to close the value filter');
    this.withinValuePath = false;
    return filter;
  }

  private parseOr(): Filter {
    return this.parseChain('or', () => this.parseAnd());
  }

  private parseAnd(): Filter {
    return this.parseChain('and', () => this.parseCondition());
  }

  private parseChain(kind: 'and' | 'or', parseOperand: () => Filter): Filter {
    const first = parseOperand();
    const operands = [first];
    this.scanner.skipBlanks();
    while (this.scanner.takeKeyword(kind)) {
      operands.push(parseOperand());
      this.scanner.skipBlanks();
    }
    return operands.length === 1 ? first : { kind, operands };
  }

  private parseCondition(): Filter {
    this.scanner.skipBlanks();
    if (this.scanner.peek() === '(') return this.parseGroup();
    const start = this.scanner.position;
    if (this.scanner.takeKeyword('not')) {
      this.scanner.skipBlanks();
      if (this.scanner.peek() === '(') return { kind: 'not', operand: this.parseGroup() };
      this.scanner.position = start; // an attribute of that name
    }
    return this.parseAttribute();
  }

  private parseGroup(): Filter {
    this.scanner.expect('(', 'to open a group');
    const filter = this.nested(() => this.parseOr());
    this.scanner.expect(')', 'to close the group');
    return filter;
  }

  private parseAttribute(): Filter {
    const name = this.scanner.takeName();
    if (this.scanner.peek() !== '[') return this.parseComparison(name);
    const filter = this.parseBracketed();
    if (!this.scanner.take('.')) return { kind: 'valuePath', name, filter };
    const comparison = this.parseComparison(this.scanner.takeName());
    const operands = filter.kind === 'and' ? [...filter.operands, comparison] : [filter, comparison];
    return { kind: 'valuePath', name, filter: { kind: 'and', operands } };
  }

  private parseComparison(name: string): Filter {
    this.comparisons += 1;
    if (this.comparisons > this.bounds.filterComparisons) {
      throw invalidFilter(`The filter makes more than ${this.bounds.filterComparisons} comparisons.`);
    }
    this.scanner.skipBlanks();
    if (this.scanner.takeKeyword('pr')) return { kind: 'present', name };
    const operator = this.takeOperator();
    this.scanner.skipBlanks();
    return { kind: 'compare', name, operator, value: this.scanner.takeLiteral() };
  }

  private takeOperator(): ComparisonOperator {
    const operator = comparisonOperators.find((candidate) => this.scanner.takeKeyword(candidate));
    if (operator === undefined) throw this.scanner.fault(`an operator: pr, ${comparisonOperators.join(', ')}`);
    return operator;
  }

  private nested(parse: () => Filter): Filter {
    this.depth += 1;
    if (this.depth > this.bounds.filterDepth) {
      throw invalidFilter(
        `At position ${this.scanner.position} of the filter: nested deeper than ${this.bounds.filterDepth} levels.`,
      );
    }
    const filter = parse();
    this.depth -= 1;
    this.scanner.skipBlanks();
    return filter;
  }
}
