import { z } from 'zod';
import type { Page, PageRequest } from '#access';

const MOST_ITEMS = 200;
const CURSOR = /^[\w-]{1,200}$/;

/** `?limit=` (1 to 200, 50 unless told) and `?cursor=` as the page before gave it. */
export const pageParameters = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MOST_ITEMS).default(50),
  cursor: z.string().regex(CURSOR, 'Take the cursor from nextCursor of the page before.').optional(),
});

export const pageQuery = pageParameters.transform(({ limit, cursor }): PageRequest => ({
  limit,
  after: afterOf(cursor),
}));

/** A page on the wire; `nextCursor` is left out on the last one. */
export const pageBody = <Row, Item>({ rows, next }: Page<Row>, show: (row: Row) => Item) => ({
  items: rows.map(show),
  ...(next === undefined ? {} : { nextCursor: Buffer.from(next).toString('base64url') }),
});

/** What a cursor says to go on after. PostgreSQL holds no U+0000 in a text; a cursor with one is nobody's. */
export const afterOf = (cursor = ''): string =>
  Buffer.from(cursor, 'base64url').toString('utf8').replaceAll('\u0000', '');
