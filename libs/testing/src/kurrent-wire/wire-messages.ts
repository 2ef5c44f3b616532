import grpc from '@grpc/grpc-js';
import anyPb from 'google-protobuf/google/protobuf/any_pb.js';
import type { ConsistencyCheck, JSONEventData } from '@kurrent/kurrentdb-client';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import status from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streamsV1 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import errors from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb.js';
import type streamsV2 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type { ReadRecord } from '#event-store-kurrentdb';
import type { Violation } from '../kurrent-server/in-memory-kurrent-server.js';

export const expectedState = (text: string): ConsistencyCheck['expectedState'] => {
  if (text === '-1') return 'no_stream';
  if (text === '-2') return 'any';
  return text === '-4' ? 'stream_exists' : BigInt(text);
};

const expectedText = (state: ConsistencyCheck['expectedState']): string =>
  state === 'no_stream' ? '-1' : state === 'any' ? '-2' : state === 'stream_exists' ? '-4' : `${state}`;

export const checkOf = (check: streamsV2.ConsistencyCheck): ConsistencyCheck => ({
  type: 'stream_state',
  streamName: check.getStreamState()?.getStream() ?? '',
  expectedState: expectedState(check.getStreamState()?.getExpectedState() ?? '-2'),
});

export const inputOf = (record: streamsV2.AppendRecord): JSONEventData => ({
  id: record.getRecordId() ?? '',
  contentType: 'application/json',
  type: record.getSchema()?.getName() ?? '',
  data: JSON.parse(Buffer.from(record.getData_asU8()).toString()) as Record<string, unknown>,
  metadata: Object.fromEntries(
    record
      .getPropertiesMap()
      .toObject(false, (_, value) => value)
      .map(([name, value]) => [name, value.getStringValue()]),
  ),
});

export const readResponse = (event: ReadRecord): streamsV1.ReadResp => {
  const recorded = new streamsV1.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(new shared.UUID().setString(event.id));
  recorded.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(event.streamId)));
  recorded.setStreamRevision(`${event.revision}`);
  recorded.setCommitPosition(`${event.position?.commit ?? 0n}`);
  recorded.setPreparePosition(`${event.position?.prepare ?? 0n}`);
  recorded.setData(Buffer.from(JSON.stringify(event.data)));
  recorded.setCustomMetadata(Buffer.from(JSON.stringify(event.metadata)));
  const metadata = recorded.getMetadataMap();
  metadata.set('type', event.type);
  metadata.set('content-type', 'application/json');
  metadata.set('created', `${BigInt(event.created.getTime()) * 10_000n}`); // in 100 ns
  const read = new streamsV1.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(`${event.position?.commit ?? 0n}`);
  return new streamsV1.ReadResp().setEvent(read);
};

const errorType = (error: unknown): unknown => (error instanceof Error && 'type' in error ? error.type : undefined);

export const isNotFound = (error: unknown): boolean => errorType(error) === 'stream-not-found';

/** The status a server answers with (proto/kurrentdb/protocol/v2/streams/errors.proto), details included. */
export const serviceError = (error: unknown): grpc.ServiceError => {
  const { code, type, details } = statusOf(error);
  const metadata = new grpc.Metadata();
  if (details !== undefined) {
    const any = new anyPb.Any();
    any.pack(details, `kurrentdb.protocol.v2.streams.errors.${type}`);
    metadata.set('grpc-status-details-bin', Buffer.from(new status.Status().setDetails(any).serializeBinary()));
  }
  return Object.assign(new Error('refused'), { code, details: 'refused', metadata });
};

const statusOf = (error: unknown): { code: grpc.status; type?: string; details?: Uint8Array } => {
  const { FAILED_PRECONDITION, ABORTED, UNAVAILABLE, UNKNOWN } = grpc.status;
  switch (errorType(error)) {
    case 'wrong-expected-version': {
      const { streamName, expectedState: expected, actualState } = error as Violation;
      const details = new errors.StreamRevisionConflictErrorDetails();
      details.setStream(streamName).setExpectedRevision(expectedText(expected)).setActualRevision(`${actualState}`);
      return {
        code: FAILED_PRECONDITION,
        type: 'StreamRevisionConflictErrorDetails',
        details: details.serializeBinary(),
      };
    }
    case 'append-consistency-violation': {
      const details = new errors.AppendConsistencyViolationErrorDetails();
      const { violations } = error as { violations: readonly Violation[] };
      for (const { checkIndex, streamName, expectedState: expected, actualState } of violations) {
        const state = new errors.ConsistencyViolation.StreamStateViolation();
        state.setStream(streamName).setExpectedState(expectedText(expected)).setActualState(`${actualState}`);
        details.addViolations(new errors.ConsistencyViolation().setCheckIndex(checkIndex).setStreamState(state));
      }
      return {
        code: FAILED_PRECONDITION,
        type: 'AppendConsistencyViolationErrorDetails',
        details: details.serializeBinary(),
      };
    }
    case 'transaction-max-size-exceeded': {
      const details = new errors.AppendTransactionSizeExceededErrorDetails();
      details.setMaxSize((error as { maxSize: number }).maxSize);
      return { code: ABORTED, type: 'AppendTransactionSizeExceededErrorDetails', details: details.serializeBinary() };
    }
    case 'unavailable':
      return { code: UNAVAILABLE };
    default:
      return { code: UNKNOWN };
  }
};
