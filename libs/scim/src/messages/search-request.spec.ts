import { describe, expect, it } from '@jest/globals';
import { urns } from './urns.js';
import { parseSearchRequest } from './search-request.js';

describe('RFC 7644 §3.4.3: SearchRequest', () => {
  it('R79 X6 reads every parameter', () =>
    expect(
      parseSearchRequest({
        schemas: [urns.searchRequest],
        attributes: ['userName', 'name.givenName'],
        filter: 'userName sw "J"',
        sortBy: 'userName',
        sortOrder: 'descending',
        startIndex: 11,
        count: 10,
        cursor: '',
      }),
    ).toEqual({
      filter: 'userName sw "J"',
      sortBy: 'userName',
      sortOrder: 'descending',
      startIndex: 11,
      count: 10,
      cursor: '',
      attributes: ['userName', 'name.givenName'],
      excludedAttributes: undefined,
    }));

  it.each([
    ['another schema', { schemas: [urns.listResponse], count: 5 }],
    ['no schema at all', { count: 5 }],
    ['names in another case, null for what is not set', { COUNT: 5, filter: null }],
    ['numbers as text', { count: '5' }],
  ])('R79 is lenient: %s', (_name, body) => expect(parseSearchRequest(body)).toMatchObject({ count: 5 }));

  it('R79 takes names joined by commas', () =>
    expect(parseSearchRequest({ excludedAttributes: 'members,meta' })).toMatchObject({
      excludedAttributes: ['members', 'meta'],
    }));

  it.each([
    ['a list', [], 'invalidSyntax'],
    ['nothing', undefined, 'invalidSyntax'],
    ['R73 a count that is no integer', { count: 1.5 }, 'invalidValue'],
    ['R73 a startIndex that is no number', { startIndex: 'first' }, 'invalidValue'],
    ['a filter that is no text', { filter: { eq: 1 } }, 'invalidValue'],
    ['attributes that are no names', { attributes: [1] }, 'invalidValue'],
    ['attributes that are no list', { attributes: {} }, 'invalidValue'],
  ])('refuses %s', (_name, body, scimType) =>
    expect(() => parseSearchRequest(body)).toThrow(expect.objectContaining({ status: 400, scimType })),
  );
});
