import { describe, expect, it } from '@jest/globals';
import { listParameters, type RawQuery } from '../edge/query-parameters.js';
import { CURSOR_TIMEOUT_SECONDS, PageCursors, type PagedQuery } from './page-cursors.js';

const MASTER_KEY = Buffer.alloc(32, 7).toString('base64');
const place = { id: 'u5', key: 'Ångström, Ünal' };

interface Change {
  readonly tenantId?: string;
  readonly tokenId?: string;
  readonly endpoint?: PagedQuery['endpoint'];
  readonly query?: RawQuery;
}

const asked = (
  cursor: string | undefined,
  { tenantId = 'acme', tokenId = 'okta', endpoint = 'Users', query }: Change = {},
) => {
  const metadata = { actor: { kind: 'token' as const, id: tokenId }, requestId: 'r', correlationId: 'c', txn: 't' };
  const sent = { filter: 'active eq true', sortBy: 'name.familyName', count: '10', ...query };
  return {
    context: { tenantId, metadata },
    endpoint,
    parameters: listParameters({ ...sent, ...(cursor === undefined ? {} : { cursor }) }),
  };
};

const cursorsAt = (nowMs: number, key = MASTER_KEY) => new PageCursors(key, () => nowMs);
const issued = (change: Change = {}): string => {
  const { nextCursor = '' } = cursorsAt(0).members(asked('', change), place);
  return nextCursor;
};
const refused = (scimType: string) => expect.objectContaining({ status: 400, scimType });

describe('cursors of RFC 9865', () => {
  it('X5 without one a query pages by index', () => {
    const query = asked(undefined, { query: { startIndex: '11' } });
    expect(cursorsAt(0).pageOf(query)).toEqual({ startIndex: 11, count: 10 });
    expect(cursorsAt(0).members(query, undefined)).toEqual({ startIndex: 11 });
  });

  it('X1 an empty one asks for the first page', () =>
    expect(cursorsAt(0).pageOf(asked(''))).toEqual({ startIndex: 1, count: 10, keyset: { after: undefined } }));

  it('X2 one leads to what follows, on every replica, as long as it is good', () => {
    const replica = cursorsAt(CURSOR_TIMEOUT_SECONDS * 1000);
    expect(replica.pageOf(asked(issued()))).toEqual({ startIndex: 1, count: 10, keyset: { after: place } });
  });

  it('X2 the last page has none', () => expect(cursorsAt(0).members(asked(''), undefined)).toEqual({}));

  it('X1 X6 holds unreserved characters alone, and nothing that can be read', () => {
    expect(issued()).toMatch(/^[\w.~-]+$/);
    expect(Buffer.from(issued(), 'base64url').toString('latin1')).not.toContain('u5');
    expect(issued()).not.toBe(issued());
  });

  it('X4 is expired after an hour', () =>
    expect(() => cursorsAt(CURSOR_TIMEOUT_SECONDS * 1000 + 1).pageOf(asked(issued()))).toThrow(
      refused('expiredCursor'),
    ));

  it('X4 goes with the count it came with', () =>
    expect(() => cursorsAt(0).pageOf(asked(issued(), { query: { count: '11' } }))).toThrow(refused('invalidCount')));

  it.each<readonly [string, Change]>([
    ['X6 another tenant', { tenantId: 'umbrella' }],
    ['X6 another client of the tenant', { tokenId: 'entra' }],
    ['another endpoint', { endpoint: 'Groups' }],
    ['another filter', { query: { filter: 'active eq false' } }],
    ['another sort attribute', { query: { sortBy: 'userName' } }],
    ['another sort order', { query: { sortOrder: 'descending' } }],
  ])('of %s is as invalid as a forged one', (_name, change) =>
    expect(() => cursorsAt(0).pageOf(asked(issued(change)))).toThrow(refused('invalidCursor')),
  );

  it('X6 of another master key is invalid', () =>
    expect(() => cursorsAt(0, Buffer.alloc(32, 8).toString('base64')).pageOf(asked(issued()))).toThrow(
      refused('invalidCursor'),
    ));

  it('X6 changed in any byte, cut short or made up is invalid', () => {
    const bytes = Buffer.from(issued(), 'base64url');
    const changed = [...bytes.keys()].map((at) => {
      const copy = Buffer.from(bytes);
      copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
      return copy.toString('base64url');
    });
    for (const cursor of [...changed, issued().slice(0, -4), 'x', '%', '💥', 'A'.repeat(10_000)])
      expect(() => cursorsAt(0).pageOf(asked(cursor))).toThrow(refused('invalidCursor'));
  });
});
