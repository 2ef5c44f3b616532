import { expect, it } from '@jest/globals';
import { pageBody, pageQuery } from './paging.js';

it('a cursor leads to where the page ended', () => {
  const body = pageBody({ rows: [1, 2], next: 'acme-2' }, (row) => row * 10);
  expect(body.items).toEqual([10, 20]);
  expect(pageQuery.parse({ cursor: body.nextCursor, limit: '7' })).toEqual({ after: 'acme-2', limit: 7 });
});

it('the last page has no cursor', () => expect(pageBody({ rows: [], next: undefined }, String)).toEqual({ items: [] }));

it('a cursor nobody gave is harmless', () =>
  expect(pageQuery.parse({ cursor: Buffer.from('a\u0000b').toString('base64url') })).toEqual({
    after: 'ab',
    limit: 50,
  }));
