import { z } from 'zod';
import { afterOf, pageParameters } from './paging.js';
import type { WholeAuditPlace } from './whole-audit.js';

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

/** `{place in the log}.{time}.{number}`, the latter two of a refusal. */
export const auditCursor = ({ log, refusals }: WholeAuditPlace): string =>
  [log, refusals.time.getTime(), refusals.id].join('.');

/** What holds no place is no cursor of ours and reads like the end of the list. */
const auditPlaceOf = (cursor: string | undefined): WholeAuditPlace | undefined => {
  if (cursor === undefined) return undefined;
  const [, log = '0', time = '0', id = '0'] = /^(\d{1,15})\.(\d{1,15})\.(\d{1,18})$/.exec(afterOf(cursor)) ?? [];
  return { log: Number(log), refusals: { time: new Date(Number(time)), id } };
};

const text = z.string().min(1).max(300);

export const auditQuery = placed({
  resource: text.optional(),
  actor: text.optional(),
  outcome: z.enum(['success', 'refused']).optional(),
  from: time.optional(),
  to: time.optional(),
}).transform(({ limit, cursor, resource, actor, outcome, from, to }) => ({
  limit,
  from: auditPlaceOf(cursor),
  filter: {
    ...(resource === undefined ? {} : { resource: resource.replaceAll('\u0000', '') }),
    ...(actor === undefined ? {} : { actor }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  },
}));

export const historyQuery = pageParameters.transform(({ limit, cursor }) => ({ limit, after: placeOf(cursor) }));

export type AuditQuery = z.output<typeof auditQuery>;
export type HistoryQuery = z.output<typeof historyQuery>;
