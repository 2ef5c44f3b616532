import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { isScimRequirement, numbersIn, requirements } from './requirements.js';
import { namesIn, testNames } from './test-names.js';

const conformance = join(import.meta.dirname, '..', '..', 'docs', 'conformance.md');
const SECTION = '## Requirements without a test of their own';

/** First column of the table in that section: number and reason. */
const excused = (): ReadonlyMap<string, string> => {
  const text = existsSync(conformance) ? readFileSync(conformance, 'utf8') : '';
  const [, section = ''] = text.split(SECTION);
  const [own = ''] = section.split(/\n## /);
  return new Map(
    [...own.matchAll(/^\| (\w[\w-]*\d) +\| (.+?) +\|$/gm)].map(([, id = '', reason = '']) => [id, reason]),
  );
};

describe('requirements and the tests that name them', () => {
  const named = testNames().flatMap(({ file, name }) => numbersIn(name).map((id) => ({ id, file, name })));
  const tested = new Set(named.map(({ id }) => id));

  it('every requirement of the SCIM interface is in the name of a test, or docs/conformance.md says why not', () => {
    const missing = [...requirements].filter(([id]) => isScimRequirement(id) && !tested.has(id) && !excused().has(id));
    expect(missing.map(([id, text]) => `${id}: ${text}`)).toEqual([]);
  });

  it('none that docs/conformance.md excuses has a test after all, or is unknown', () => {
    expect([...excused().keys()].filter((id) => tested.has(id) || !requirements.has(id))).toEqual([]);
  });

  it('no test names a requirement that there is not', () => {
    // Performance goals and other numbers begin with letters of their own.
    expect(named.filter(({ id }) => !requirements.has(id))).toEqual([]);
  });
});

describe('reading the names of tests', () => {
  it.each([
    ["it('a sentence', () => undefined);", ['a sentence']],
    ["describe.each(['a suite', 'b'])('%s', () => undefined);", ['%s', 'a suite', 'b']],
    ["it.each([['a row', 1], ['another', 2]] as const)('%s', () => undefined);", ['%s', 'a row', 'another']],
    ["const rows = [['apart', 1]]; it.each(rows)('%s', () => undefined);", ['%s', 'apart']],
    ["expect('no test').toBe(1);", []],
  ])('finds those of %s', (text, names) => {
    expect(namesIn('x.spec.ts', text).map(({ name }) => name)).toEqual(names);
  });

  it('finds numbers of every kind, and those only', () => {
    expect(numbersIn('R46 C-E2 X2: a range R84-R98, F17, but no RFC 7643, SHA256 or R1234')).toEqual([
      'R46',
      'C-E2',
      'X2',
      'R84',
      'R98',
      'F17',
    ]);
  });
});
