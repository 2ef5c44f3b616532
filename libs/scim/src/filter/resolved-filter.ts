import type { Attribute } from '../schemas/resource-schema.js';
import type { ComparisonOperator } from './filter.js';

/**
 * The attribute that a condition speaks of. `attribute` stands at the top level or in the container `attribute.extension`;
 * `subAttribute` within it. `emails co "x"` and `manager eq "x"` come with `subAttribute` = `value`.
 */
export interface AttributeReference {
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
  /** The one whose type and case rule count: the sub-attribute, else the attribute. */
  readonly target: Attribute;
}

/** The value of a comparison, in the type of its attribute. */
export type ComparisonValue =
  | {
      /** For attributes of type string, reference and binary. */
      readonly type: 'string';
      readonly value: string;
      readonly caseExact: boolean;
      /** What to compare with: `value` itself, or `fold(value)` when the attribute is not case-exact. */
      readonly comparable: string;
    }
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'number'; readonly value: number }
  | {
      readonly type: 'dateTime';
      readonly value: string;
      /** Milliseconds since 1970, so that offsets do not matter. */
      readonly time: number;
    };

/** One comparison. Only eq, ne, gt, ge, lt, le and, on strings, co, sw, ew occur; on booleans and binary no ordering. */
export interface ResolvedComparison extends AttributeReference {
  readonly kind: 'compare';
  readonly operator: ComparisonOperator;
  readonly value: ComparisonValue;
}

/** `pr`: some value is assigned; of a complex attribute (`subAttribute` undefined): anything in it. */
export interface ResolvedPresence extends AttributeReference {
  readonly kind: 'present';
}

/** Some element of `attribute` satisfies the whole filter, whose leaves name sub-attributes of that element. */
export interface ResolvedValuePath {
  readonly kind: 'valuePath';
  readonly attribute: Attribute;
  readonly filter: ResolvedFilter;
}

/**
 * A filter whose names and types are settled, ready to evaluate or to compile to SQL.
 * - A comparison with a multi-valued attribute holds when any of its values satisfies it.
 * - `ne` also holds when nothing is assigned: unassigned is not equal to any value (RFC 7643 §2.5). All other comparisons fail then.
 * - `eq null` and `ne null` arrive as `not present` and `present`; a whole extension `pr` as `or` over its attributes.
 * - `constant` stands for conditions on attributes unknown to the schema, which have no value.
 */
export type ResolvedFilter =
  | { readonly kind: 'and' | 'or'; readonly operands: readonly ResolvedFilter[] }
  | { readonly kind: 'not'; readonly operand: ResolvedFilter }
  | { readonly kind: 'constant'; readonly value: boolean }
  | ResolvedPresence
  | ResolvedComparison
  | ResolvedValuePath;
