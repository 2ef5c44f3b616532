import { describe, expect, it } from '@jest/globals';
import { listParameters, MAX_PAGE_SIZE } from './query-parameters.js';

describe('R71 R72 paging', () => {
  it.each([
    ['R71 startIndex below 1 is 1', { startIndex: '0' }, { startIndex: 1 }],
    ['R71 a negative startIndex is 1', { startIndex: '-5' }, { startIndex: 1 }],
    ['R72 a negative count is 0', { count: '-1' }, { count: 0 }],
    ['R72 count is capped without an error', { count: '100000' }, { count: MAX_PAGE_SIZE }],
    ['both given are taken', { startIndex: '101', count: '50' }, { startIndex: 101, count: 50 }],
    ['neither given: the first page of the default size', {}, { startIndex: 1, count: 100 }],
    ['R6 unknown parameters are ignored', { aadOptscim062020: '' }, { startIndex: 1 }],
    ['R68 sortOrder without case', { sortOrder: 'DESCENDING' }, { sortOrder: 'descending' }],
    ['R68 ascending is the default', {}, { sortOrder: 'ascending' }],
    ['X5 no cursor: paging by index', {}, { cursor: undefined }],
    ['X1 an empty cursor: the first page by cursor', { cursor: '' }, { cursor: '', count: 100 }],
    ['X3 a negative count is 0 by cursor too', { cursor: '', count: '-5' }, { count: 0 }],
  ])('%s', (_name, query, expected) => {
    expect(listParameters(query)).toMatchObject(expected);
  });

  it.each([
    ['R73 text', { count: 'ten' }],
    ['R73 an exponent', { startIndex: '1e3' }],
    ['R73 a fraction', { count: '1.5' }],
    ['a parameter given twice', { filter: ['a', 'b'] }],
  ])('%s is refused', (_name, query) => {
    expect(() => listParameters(query)).toThrow(expect.objectContaining({ status: 400, scimType: 'invalidValue' }));
  });

  it('X4 more than a page by cursor may hold is refused', () => {
    expect(() => listParameters({ cursor: '', count: `${MAX_PAGE_SIZE + 1}` })).toThrow(
      expect.objectContaining({ status: 400, scimType: 'invalidCount' }),
    );
  });
});
