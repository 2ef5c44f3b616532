import { describe, expect, it } from '@jest/globals';
import { indexedValues } from './indexed-values.js';

const ACME = 'urn:example:acme:2.0:User';
const user = {
  title: 'Guide',
  phoneNumbers: [{ value: '+1', primary: true }, { value: '+2' }, { type: 'work' }],
  [ACME]: { costCenter: 'CC', level: 7, since: '2026-01-31T09:00:00+01:00', tags: ['a', 'B'], boss: { name: 'Ann' } },
};
const texts = (path: string) => indexedValues(user, path).map(({ folded, exact }) => [folded, exact]);
const numbers = (path: string) => indexedValues(user, path).map(({ number }) => number);

describe('the values of an indexed attribute', () => {
  it('stand folded and as sent, wherever the path leads', () => {
    expect(texts('title')).toEqual([['guide', 'Guide']]);
    expect(texts('phoneNumbers.value')).toEqual([
      ['+1', '+1'],
      ['+2', '+2'],
    ]);
    expect(texts(`${ACME}:costCenter`)).toEqual([['cc', 'CC']]);
    expect(texts(`${ACME}:tags`)).toEqual([
      ['a', 'a'],
      ['b', 'B'],
    ]);
    expect(texts(`${ACME}:boss.name`)).toEqual([['ann', 'Ann']]);
  });

  it('are numbers where they have an order of their own', () => {
    expect(numbers(`${ACME}:level`)).toEqual([7]);
    expect(numbers(`${ACME}:since`)).toEqual([Date.UTC(2026, 0, 31, 8)]);
    expect(numbers('phoneNumbers.primary')).toEqual([1]);
    expect(numbers('title')).toEqual([null]);
  });

  it('are none where nothing stands', () => {
    for (const path of ['nickName', 'title.value', 'name.givenName', 'urn:example:other:2.0:User:costCenter', 'length'])
      expect(indexedValues(user, path)).toEqual([]);
  });

  it('are a row even when nothing of them can be compared: something is assigned', () =>
    expect(indexedValues(user, `${ACME}:boss`)).toEqual([{ folded: null, exact: null, number: null }]));

  it('are cut to what an index holds', () => {
    const [value] = indexedValues({ title: 'x'.repeat(5000) }, 'title');
    expect(value?.folded?.length).toBeLessThan(250);
  });
});
