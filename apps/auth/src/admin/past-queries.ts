import { z } from 'zod';
import type { MembersPlace } from '#directory';
import { afterOf, pageParameters } from './paging.js';

const time = z.iso
  .datetime({ offset: true, error: 'Write a time as in 2026-11-21T12:00:00Z.' })
  .transform((text) => new Date(text));

/** `cursor` pages the members of a group: `{sequence}.{member}`, so that every page is of the same moment. */
export const pastQuery = pageParameters
  .extend({ asOf: time.optional() })
  .transform(({ limit, cursor, asOf }) => ({ asOf, members: { limit, from: placeOf(cursor) } }));

export type PastQuery = z.output<typeof pastQuery>;

export const membersCursor = ({ sequence, after }: MembersPlace): string => `${sequence}.${after}`;

/** What holds no place is no cursor of ours and reads like the end of the list. */
const placeOf = (cursor: string | undefined): MembersPlace | undefined => {
  if (cursor === undefined) return undefined;
  const [, sequence = '0', after = ''] = /^(\d{1,15})\.(.*)$/s.exec(afterOf(cursor)) ?? [];
  return { sequence: Number(sequence), after };
};
