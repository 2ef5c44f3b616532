import type { PublisherPosition } from './payloads.js';

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

/** Reads the value of a record of `publisher-positions`. Throws a RangeError: to guess a position is to lose or repeat records. */
export const parsePublisherPosition = (value: string): PublisherPosition => {
  const { sequence, offset, after, ended } = JSON.parse(value) as Readonly<Record<string, unknown>>;
  if (!isCount(sequence)) throw new RangeError('A publisher position has no sequence.');
  if (ended === true) return { sequence, ended };
  if (!isCount(offset) || offset === 0) return { sequence };
  return { sequence, offset, ...(typeof after === 'string' ? { after } : {}) };
};
