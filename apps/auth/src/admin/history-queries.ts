import { z } from 'zod';
import { afterOf, pageParameters } from './paging.js';

const time = z.iso
  .datetime({ offset: true, error: 'Write a time as in 2026-11-21T12:00:00Z.' })
  .transform((text) => new Date(text));

/** Of places in the log: a cursor holds a number. */
const placed = <Shape extends z.core.$ZodShape>(shape: Shape) => pageParameters.extend(shape);

/** The number in a cursor; what holds none is no cursor of ours and reads like the end of the list. */
const placeOf = (cursor: string | undefined): number | undefined => {
  if (cursor === undefined) return undefined;
  const place = Number.parseInt(afterOf(cursor), 10);
  return Number.isSafeInteger(place) && place >= 0 ? place : 0;
};

const text = z.string().min(1).max(300);

export const auditQuery = placed({
  resource: text.optional(),
  actor: text.optional(),
  from: time.optional(),
  to: time.optional(),
}).transform(({ limit, cursor, resource, actor, from, to }) => ({
  limit,
  before: placeOf(cursor),
  filter: {
    ...(resource === undefined ? {} : { resource: resource.replaceAll('\u0000', '') }),
    ...(actor === undefined ? {} : { actor }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  },
}));

export const historyQuery = pageParameters.transform(({ limit, cursor }) => ({ limit, after: placeOf(cursor) }));

/** `cursor` pages the members of a group. */
export const pastQuery = placed({ asOf: time.optional() }).transform(({ limit, cursor, asOf }) => ({
  asOf,
  members: { limit, ...(cursor === undefined ? {} : { after: afterOf(cursor) }) },
}));

export type AuditQuery = z.output<typeof auditQuery>;
export type HistoryQuery = z.output<typeof historyQuery>;
export type PastQuery = z.output<typeof pastQuery>;
