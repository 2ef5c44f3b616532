import type { ConsistencyCheck } from '@kurrent/kurrentdb-client';
import { errorType, type KurrentClient } from './kurrent-client.js';
import type { KurrentRecord } from './records.js';

/** Records for one stream. A stream occurs once in a transaction. */
export interface StreamRecords {
  readonly stream: string;
  readonly expected: bigint | 'no_stream' | 'any';
  readonly records: readonly KurrentRecord[];
}

/** A stream that is not written and must be like this at the moment of the append. */
export interface StreamCheck {
  readonly stream: string;
  readonly expected: bigint | 'no_stream' | 'stream_exists';
}

/** All of it or nothing: returns the last revision of each stream written. Errors: the client's. */
export type Send = (
  writes: readonly StreamRecords[],
  checks: readonly StreamCheck[],
) => Promise<ReadonlyMap<string, bigint>>;

/** For servers from 26.1: every expectation is a check, of a written stream or of another. The server takes one check a stream. */
export const sendRecords =
  (client: KurrentClient): Send =>
  async (writes, checks) => {
    const expected = new Map<string, StreamCheck['expected']>();
    for (const write of writes) if (write.expected !== 'any') expected.set(write.stream, write.expected);
    for (const check of checks) if (!expected.has(check.stream)) expected.set(check.stream, check.expected);
    const { responses } = await client.appendRecords(
      writes.flatMap(({ stream, records }) => records.map((record) => ({ streamName: stream, record }))),
      [...expected].map(([streamName, expectedState]): ConsistencyCheck => ({
        type: 'stream_state',
        streamName,
        expectedState,
      })),
    );
    return revisions(responses);
  };

/** For servers before 26.1, which check only what they write. */
export const sendStreams =
  (client: KurrentClient): Send =>
  async (writes) => {
    const { responses } = await client.multiStreamAppend(
      writes.map(({ stream, expected, records }) => ({
        streamName: stream,
        expectedState: expected,
        events: [...records],
      })),
    );
    return revisions(responses);
  };

const revisions = (responses: readonly { readonly streamName: string; readonly revision: bigint }[]) =>
  new Map(responses.map(({ streamName, revision }) => [streamName, revision]));

/** Whether nothing was written because a stream was not as expected. */
export const isConflict = (error: unknown): boolean =>
  errorType(error) === 'wrong-expected-version' || errorType(error) === 'append-consistency-violation';

/** The server's limit, when that is what the append went beyond. */
export const exceededLimit = (error: unknown): number | undefined => {
  if (!TOO_LARGE.has(errorType(error))) return undefined;
  const { maxSize, maxAppendSize } = error as { maxSize?: number; maxAppendSize?: number };
  return maxSize ?? maxAppendSize;
};

const TOO_LARGE = new Set([
  'transaction-max-size-exceeded',
  'append-record-size-exceeded',
  'maximum-append-size-exceeded',
]);

/** The streams that were not as expected, when the server names them all (from 26.1). */
export const suspects = (error: unknown): ReadonlySet<string> | undefined => {
  if (errorType(error) !== 'append-consistency-violation') return undefined;
  const { violations } = error as { readonly violations: readonly { readonly streamName: string }[] };
  return new Set(violations.map(({ streamName }) => streamName));
};
