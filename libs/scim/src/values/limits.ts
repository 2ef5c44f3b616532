/** Bounds on what one request may make this library work through. Members of groups are bounded by the size of the body alone. */
export const limits = {
  /** Characters of a filter, in a query or inside a path. */
  filterLength: 16_384,
  /** Nested parentheses, `not` and brackets. */
  filterDepth: 32,
  /** Comparisons in one filter. */
  filterComparisons: 512,
  /** Characters of one string: certificates and inline photos fit. */
  stringLength: 131_072,
  /** Values of one multi-valued attribute, `members` apart. */
  valuesPerAttribute: 1_000,
  /** Operations of one PATCH. */
  patchOperations: 2_000,
  /** Names in `attributes` or `excludedAttributes`. */
  projectedNames: 200,
} as const;

export type FilterLimits = Readonly<Record<'filterLength' | 'filterDepth' | 'filterComparisons', number>>;
