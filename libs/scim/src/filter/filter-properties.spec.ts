import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ScimError } from '../messages/scim-error.js';
import { userSchema } from '../schemas/core-schemas.js';
import { limits } from '../values/limits.js';
import { parsePatchPath } from '../path/patch-path.js';
import { matches } from './filter-evaluation.js';
import { parseFilter } from './filter-parser.js';
import { resolveFilter } from './filter-resolution.js';
import { filterToText } from './filter-text.js';
import { comparisonOperators } from './filter.js';
import type { Filter } from './filter.js';

const names = fc.constantFrom(
  'userName',
  'name.givenName',
  'not',
  'and',
  'urn:example:x:2.0:User:a.b',
  '$ref',
  'members.$ref',
);
const literal = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
  fc.boolean(),
  fc.constant(null),
);
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({ kind: fc.constant('present' as const), name: names }),
  fc.record({
    kind: fc.constant('compare' as const),
    name: names,
    operator: fc.constantFrom(...comparisonOperators),
    value: literal,
  }),
);

const tree = (leaves: fc.Arbitrary<Filter>, depth: number): fc.Arbitrary<Filter> => {
  if (depth === 0) return leaves;
  const inner = tree(leaves, depth - 1);
  return fc.oneof(
    leaves,
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      operands: fc.array(inner, { minLength: 2, maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant('not' as const), operand: inner }),
  );
};

const element = tree(leaf, 2);
const filters = tree(
  fc.oneof(leaf, fc.record({ kind: fc.constant('valuePath' as const), name: names, filter: element })),
  3,
);

const words = fc.constantFrom(
  ...[
    'userName',
    'emails',
    '[',
    ']',
    '(',
    ')',
    ' ',
    '.',
    'eq',
    'pr',
    'and',
    'or',
    'not',
    '"x"',
    '"',
    '\\',
    '1',
    'true',
    'urn:a:',
    '$',
  ],
);

const onlyScimErrors = (act: () => unknown): void => {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ScimError);
  }
};

describe('filters, whatever comes in', () => {
  it('parse to the tree that their text was written from', () =>
    fc.assert(
      fc.property(filters, (filter) => {
        const text = filterToText(filter);
        fc.pre(text.length <= limits.filterLength);
        expect(parseFilter(text)).toEqual(filter);
      }),
    ));

  it('R58 are answered or refused with a ScimError, never with another fault', () =>
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(words).map((parts) => parts.join('')),
        ),
        (text) => {
          onlyScimErrors(() => matches(resolveFilter(parseFilter(text), userSchema), { userName: 'x' }));
          onlyScimErrors(() => parsePatchPath(text));
        },
      ),
      { numRuns: 1_000 },
    ));
});
