import type { ResolvedComparison, ResolvedFilter, ResolvedPresence, ResolvedValuePath } from '#scim';
import { all, not, scanned, type Condition } from './condition.js';

/** What the names of a filter stand for: the attributes of a resource, or the sub-attributes of one element. */
export interface Scope {
  compare(leaf: ResolvedComparison): Condition;
  present(leaf: ResolvedPresence): Condition;
  valuePath(path: ResolvedValuePath): Condition;
  /** Any of the conditions, each compiled in this scope. */
  either(conditions: readonly Condition[]): Condition;
  /** Those of the operands of one `and` that are answered better together than one by one, and the others. */
  together?(operands: readonly ResolvedFilter[]): Together;
}

export interface Together {
  readonly conditions: readonly Condition[];
  readonly others: readonly ResolvedFilter[];
}

/** The filter as one SQL condition. */
export const compile = (filter: ResolvedFilter, scope: Scope): Condition => {
  switch (filter.kind) {
    case 'and':
      return conjunction(filter.operands, scope);
    case 'or':
      return scope.either(filter.operands.map((operand) => compile(operand, scope)));
    case 'not':
      return not(compile(filter.operand, scope));
    case 'constant':
      return scanned(filter.value ? 'TRUE' : 'FALSE');
    case 'present':
      return scope.present(filter);
    case 'compare':
      return scope.compare(filter);
    case 'valuePath':
      return scope.valuePath(filter);
  }
};

const conjunction = (operands: readonly ResolvedFilter[], scope: Scope): Condition => {
  const { conditions, others } = scope.together?.(operands) ?? { conditions: [], others: operands };
  return all([...conditions, ...others.map((operand) => compile(operand, scope))]);
};
