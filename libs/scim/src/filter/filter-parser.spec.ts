import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { parseFilter } from './filter-parser.js';
import { filterToText } from './filter-text.js';

const compare = (name: string, operator: string, value: unknown) => ({ kind: 'compare', name, operator, value });

const refusal = (text: string): ScimError => {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof ScimError) return error;
    throw error;
  }
  throw new Error(`The filter was accepted: ${text}`);
};

describe('RFC 7644 §3.4.2.2: the filter grammar', () => {
  it.each(['eq', 'ne', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'])('R56 knows the operator %s', (operator) =>
    expect(parseFilter(`userName ${operator} "x"`)).toEqual(compare('userName', operator, 'x')),
  );

  it.each([
    ['userName Eq "x"', compare('userName', 'eq', 'x')],
    ['USERNAME EQ "x"', compare('USERNAME', 'eq', 'x')],
    ['title PR', { kind: 'present', name: 'title' }],
    ['NOT (title pr)', { kind: 'not', operand: { kind: 'present', name: 'title' } }],
    ['not(title pr)', { kind: 'not', operand: { kind: 'present', name: 'title' } }],
  ])('R56 operators are case-insensitive: %s', (text, tree) => expect(parseFilter(text)).toEqual(tree));

  it('R57 binds not before and, and before or', () =>
    expect(parseFilter('a pr or not (b pr) and c pr')).toEqual({
      kind: 'or',
      operands: [
        { kind: 'present', name: 'a' },
        {
          kind: 'and',
          operands: [
            { kind: 'not', operand: { kind: 'present', name: 'b' } },
            { kind: 'present', name: 'c' },
          ],
        },
      ],
    }));

  it('R57 lets parentheses override precedence', () =>
    expect(filterToText(parseFilter('(a pr or b pr) and c pr'))).toBe('(a pr or b pr) and c pr'));

  it.each([
    [String.raw`a eq "say \"hi\""`, 'say "hi"'],
    [String.raw`a eq "back\\slash"`, 'back\\slash'],
    [String.raw`a eq "caf\u00e9"`, 'café'],
    [`a eq "O'Malley"`, "O'Malley"],
    ['a eq "a (b) [c] and d"', 'a (b) [c] and d'],
    ['a eq "日本 😀"', '日本 😀'],
    ['a eq ""', ''],
    ['a eq 12', 12],
    ['a eq -1.5e3', -1500],
    ['a eq true', true],
    ['a eq False', false],
    ['a eq null', null],
  ])('R65 reads the value of %s', (text, value) => expect(parseFilter(text)).toEqual(compare('a', 'eq', value)));

  it.each([
    'urn:ietf:params:scim:schemas:core:2.0:User:userName',
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value',
    'name.givenName',
    'members.$ref',
    'x509Certificates.value',
    'cost_center-2',
  ])('R62 takes the attribute name %s whole', (name) =>
    expect(parseFilter(`${name} sw "x"`)).toEqual(compare(name, 'sw', 'x')),
  );

  it('R61 reads a value path as a whole condition', () =>
    expect(parseFilter('emails[type eq "work" and value co "@example.com"]')).toEqual({
      kind: 'valuePath',
      name: 'emails',
      filter: { kind: 'and', operands: [compare('type', 'eq', 'work'), compare('value', 'co', '@example.com')] },
    }));

  it.each([
    ['emails[type eq "work"].value eq "x"', 'emails[type eq "work" and value eq "x"]'],
    ['emails[primary eq true].value pr', 'emails[primary eq true and value pr]'],
    ['emails[type eq "a" or type eq "b"].value eq "x"', 'emails[(type eq "a" or type eq "b") and value eq "x"]'],
  ])('C-E2 reads a sub-attribute after a value path, %s, as one more condition on the same value', (sent, same) =>
    expect(filterToText(parseFilter(sent))).toBe(same),
  );

  it.each([
    ['', 'position 1', 'an attribute name'],
    ['userName', 'position 9', 'an operator'],
    ['userName is "x"', 'position 10', 'an operator'],
    ['userName eq', 'position 12', 'a value'],
    ["userName eq 'x'", 'position 13', 'double quotes'],
    ['userName eq "x', 'position 13', 'closed by a double quote'],
    [String.raw`userName eq "\q"`, 'position 13', 'escapes of JSON'],
    [String.raw`userName eq "\u0000"`, 'position 13', 'U+0000'],
    [String.raw`userName eq "\ud800"`, 'position 13', 'surrogates'],
    ['userName eq 01', 'position 13', 'a value'],
    ['userName eq "x" userName eq "y"', 'position 17', '"and", "or" or the end'],
    ['(userName pr', 'position 13', '")"'],
    ['userName pr)', 'position 12', 'the end'],
    ['emails[type eq "work"', 'position 22', '"]"'],
    ['emails[type eq "work" and addresses[a pr]]', 'position 36', 'nested'],
    ['1abc eq "x"', 'position 1', 'an attribute name'],
    ['name..x eq "x"', 'position 1', 'an attribute name'],
    ['not userName pr', 'position 5', 'an operator'],
  ])('R58 refuses %j and says where and what is expected', (text, place, expected) => {
    const { status, scimType, detail } = refusal(text);
    expect({ status, scimType }).toEqual({ status: 400, scimType: 'invalidFilter' });
    expect(detail).toContain(place);
    expect(detail).toContain(expected);
  });

  it.each([
    ['parentheses', '('.repeat(10_000) + 'a pr' + ')'.repeat(10_000)],
    ['parentheses within the length', '('.repeat(5_000) + 'a pr'],
    ['negations', 'not ('.repeat(3_000) + 'a pr'],
    ['comparisons', Array.from({ length: 600 }, () => 'a pr').join(' or ')],
    ['characters', `a eq "${'x'.repeat(20_000)}"`],
  ])('R67 refuses too many %s without a stack overflow', (_, text) =>
    expect(refusal(text).scimType).toBe('invalidFilter'),
  );

  it('R67 counts depth, not the number of groups', () =>
    expect(parseFilter(Array.from({ length: 100 }, () => '(a pr or not (b[c pr]))').join(' and ')).kind).toBe('and'));

  it('R67 accepts a long flat chain, as when many members are named', () =>
    expect(parseFilter(Array.from({ length: 300 }, (_, n) => `value eq "${n}"`).join(' or ')).kind).toBe('or'));
});
