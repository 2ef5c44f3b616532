/** Operators that compare an attribute with a value (RFC 7644 §3.4.2.2); `pr` stands apart. */
export type ComparisonOperator = 'eq' | 'ne' | 'co' | 'sw' | 'ew' | 'gt' | 'ge' | 'lt' | 'le';

/** What a client may write to the right of an operator. */
export type FilterLiteral = string | number | boolean | null;

/**
 * A filter as written, names not yet looked up. `emails[type eq "work"].value eq "x"`, which Entra sends, parses to the same
 * tree as `emails[type eq "work" and value eq "x"]`: both conditions on one value.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Filter[] }
  | { readonly kind: 'not'; readonly operand: Filter }
  | { readonly kind: 'present'; readonly name: string }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly operator: ComparisonOperator;
      readonly value: FilterLiteral;
    }
  | { readonly kind: 'valuePath'; readonly name: string; readonly filter: Filter };

export const comparisonOperators: readonly ComparisonOperator[] = [
  'eq',
  'ne',
  'co',
  'sw',
  'ew',
  'gt',
  'ge',
  'lt',
  'le',
];
