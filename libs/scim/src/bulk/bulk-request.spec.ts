import { describe, expect, it } from '@jest/globals';
import { urns } from '../messages/urns.js';
import { bulkResponse } from './bulk-response.js';
import { parseBulkRequest } from './bulk-request.js';

const parse = (body: unknown, maxOperations = 3) => parseBulkRequest(body, { maxOperations });
const message = (rest: object) => ({ schemas: [urns.bulkRequest], ...rest });
const one = (operation: unknown) => parse(message({ Operations: [operation] })).operations[0];

describe('RFC 7644 §3.7: BulkRequest', () => {
  it('R104 reads operations of every method', () => {
    const { operations, failOnErrors } = parse(
      message({
        failOnErrors: 2,
        Operations: [
          { method: 'POST', path: '/Users', bulkId: 'a', data: { userName: 'a' } },
          { method: 'patch', path: 'Groups/bulkId:g', version: 'W/"3"', data: {} },
          { method: 'DELETE', path: '/Users/a%2Fb', bulkId: null },
        ],
      }),
    );
    expect(failOnErrors).toBe(2);
    const none = { bulkId: undefined, version: undefined, data: undefined, id: undefined };
    expect(operations).toEqual([
      { ...none, method: 'POST', endpoint: 'Users', bulkId: 'a', data: { userName: 'a' } },
      { ...none, method: 'PATCH', endpoint: 'Groups', id: 'bulkId:g', version: 'W/"3"', data: {} },
      { ...none, method: 'DELETE', endpoint: 'Users', id: 'a/b' },
    ]);
  });

  it.each([
    ['a GET', { method: 'GET', path: '/Users/1' }, 'invalidSyntax'],
    ['no method', { path: '/Users/1' }, 'invalidSyntax'],
    ['a POST without bulkId', { method: 'POST', path: '/Users' }, 'invalidValue'],
    ['a POST to a resource', { method: 'POST', path: '/Users/1', bulkId: 'a' }, 'invalidPath'],
    ['a PUT of no resource', { method: 'PUT', path: '/Users' }, 'invalidPath'],
    ['no path', { method: 'DELETE' }, 'invalidPath'],
    ['a path with a query', { method: 'DELETE', path: '/Users/1?x=y' }, 'invalidPath'],
    ['what is no object', 'DELETE', 'invalidSyntax'],
  ])('R104 an operation fails alone: %s', (_name, operation, scimType) =>
    expect(one(operation)).toMatchObject({ refusal: { status: 400, scimType } }),
  );

  it.each([
    ['a list', [], 400, 'invalidSyntax'],
    ['another message', { schemas: [urns.patchOp], Operations: [{}] }, 400, 'invalidSyntax'],
    ['no operations', message({}), 400, 'invalidSyntax'],
    ['an empty list of operations', message({ Operations: [] }), 400, 'invalidSyntax'],
    ['R106 failOnErrors that is no count', message({ failOnErrors: 0, Operations: [{}] }), 400, 'invalidValue'],
    ['R110 more operations than are allowed', message({ Operations: [{}, {}, {}, {}] }), 413, undefined],
  ])('refuses %s', (_name, body, status, scimType) =>
    expect(() => parse(body)).toThrow(expect.objectContaining({ status, scimType })),
  );

  it('R110 names the limit', () =>
    expect(() => parse(message({ Operations: [{}, {}, {}, {}] }))).toThrow(/maxOperations \(3\)/));
});

describe('RFC 7644 §3.7.3: BulkResponse', () => {
  it('R105 has statuses as strings', () =>
    expect(bulkResponse([{ method: 'POST', bulkId: 'a', status: 201, location: 'https://x/Users/1' }])).toEqual({
      schemas: [urns.bulkResponse],
      Operations: [{ method: 'POST', bulkId: 'a', status: '201', location: 'https://x/Users/1' }],
    }));
});
