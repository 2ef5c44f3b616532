import { describe, expect, it } from '@jest/globals';
import { referencesOf, resolveId, withReferences } from './bulk-references.js';

const defined = new Set(['ann', 'bob']);
const ids: Readonly<Record<string, string>> = { ann: '1', bob: '2' };
const resolve = (data: unknown, known: Readonly<Record<string, string>> = ids) =>
  withReferences(data, defined, (bulkId) => known[bulkId]);

describe('R107 bulkId references', () => {
  it.each([
    ['members', { members: [{ value: 'bulkId:ann' }, { value: '7' }] }, { members: [{ value: '1' }, { value: '7' }] }],
    ['a manager', { manager: { value: 'bulkId:bob', $ref: 'x' } }, { manager: { value: '2', $ref: 'x' } }],
    ['a manager as text', { manager: 'bulkId:bob' }, { manager: '2' }],
    ['an attribute of an extension', { 'urn:x': { owner: 'bulkId:ann' } }, { 'urn:x': { owner: '1' } }],
    [
      'a value of PATCH',
      { Operations: [{ op: 'add', value: ['bulkId:ann'] }] },
      { Operations: [{ op: 'add', value: ['1'] }] },
    ],
    ['a path of PATCH', { path: 'members[value eq "bulkId:ann"]' }, { path: 'members[value eq "1"]' }],
  ])('are replaced in %s', (_name, data, expected) => expect(resolve(data)).toEqual(expected));

  it.each([
    ['text that looks like one but is not', { displayName: 'bulkId:carol', n: 1, flag: true, nothing: null }],
    ['a value of __proto__', JSON.parse('{"__proto__":{"value":"x"},"a":[{}]}') as unknown],
    ['nothing', undefined],
  ])('leave %s alone', (_name, data) => expect(resolve(data)).toEqual(data));

  it('left out take with them what they alone make: an element, a complex value, a property', () =>
    expect(
      resolve(
        {
          displayName: 'g',
          manager: { value: 'bulkId:bob' },
          owner: 'bulkId:bob',
          members: [{ value: 'bulkId:ann', type: 'User' }, { value: 'bulkId:bob' }],
        },
        { ann: '1' },
      ),
    ).toEqual({ displayName: 'g', members: [{ value: '1', type: 'User' }] }));

  it('are found in path and data, also those that nobody defines where an id is wanted', () => {
    const operation = { method: 'PATCH' as const, bulkId: undefined, endpoint: 'Groups', version: undefined };
    const data = { members: [{ value: 'bulkId:ann' }, { value: 'bulkId:nobody' }], displayName: 'bulkId:text' };
    expect([...referencesOf({ ...operation, id: 'bulkId:bob', data }, defined)]).toEqual(['bob', 'ann', 'nobody']);
    expect([...referencesOf({ ...operation, id: '7', data: undefined }, defined)]).toEqual([]);
  });

  it('are resolved in paths', () => {
    const idOf = (bulkId: string) => ids[bulkId];
    expect([resolveId('bulkId:ann', idOf), resolveId('bulkId:x', idOf), resolveId('7', idOf)]).toEqual([
      '1',
      undefined,
      '7',
    ]);
  });
});
