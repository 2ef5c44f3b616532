import grpc from '@grpc/grpc-js';
import serverFeaturesGrpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb.js';
import serverFeatures from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb.js';
import streamsV1Grpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb.js';
import streamsV1 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import streamsV2Grpc from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb.js';
import streamsV2 from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb.js';
import type { KurrentSubscription } from '#event-store-kurrentdb';
import type { InMemoryKurrentServer } from '../kurrent-server/in-memory-kurrent-server.js';
import { checkOf, expectedState, inputOf, isNotFound, readResponse, serviceError } from './wire-messages.js';

export interface WireServer {
  /** For KURRENTDB_URL. */
  readonly url: string;
  close(): void;
}

/** See `listenOnWire`. */
export const listen = async (server: InMemoryKurrentServer): Promise<WireServer> => {
  const wire = new grpc.Server();
  wire.addService(serverFeaturesGrpc.ServerFeaturesService, {
    getSupportedMethods: (_call, respond) => respond(null, featuresOf(server)),
  } satisfies serverFeaturesGrpc.IServerFeaturesServer);
  wire.addService(streamsV2Grpc.StreamsServiceService, appends(server));
  wire.addService(streamsV1Grpc.StreamsService, {
    read: reads(server),
  });
  const port = await new Promise<number>((resolve, reject) =>
    wire.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { url: `kurrentdb://127.0.0.1:${port}?tls=false`, close: () => wire.forceShutdown() };
};

/** As ServerFeatures.cs tells them: every method by name, which the client looks up before it calls one. */
const featuresOf = ({ runs }: InMemoryKurrentServer): serverFeatures.SupportedMethods => {
  const features = new serverFeatures.SupportedMethods().setEventStoreServerVersion(runs);
  const { appendSession, appendRecords } = streamsV2Grpc.StreamsServiceService;
  for (const { path } of runs < '26.1' ? [appendSession] : [appendSession, appendRecords]) {
    const [, service = '', method = ''] = path.toLowerCase().split('/');
    features.addMethods(new serverFeatures.SupportedMethod().setServiceName(service).setMethodName(method));
  }
  return features;
};

const appends = (server: InMemoryKurrentServer): streamsV2Grpc.IStreamsServiceServer => ({
  appendSession: (call, respond) => {
    const requests: streamsV2.AppendRequest[] = [];
    call.on('data', (request: streamsV2.AppendRequest) => requests.push(request));
    call.on('end', () => {
      server.client
        .multiStreamAppend(
          requests.map((request) => ({
            streamName: request.getStream(),
            expectedState: expectedState(request.getExpectedRevision() ?? '-2'),
            events: request.getRecordsList().map(inputOf),
          })),
        )
        .then(({ position, responses }) => {
          const answer = new streamsV2.AppendSessionResponse().setPosition(`${position}`);
          for (const { streamName, revision } of responses)
            answer.addOutput(new streamsV2.AppendResponse().setStream(streamName).setStreamRevision(`${revision}`));
          respond(null, answer);
        })
        .catch((error: unknown) => respond(serviceError(error)));
    });
  },
  appendRecords: (call, respond) => {
    const records = call.request.getRecordsList();
    server.client
      .appendRecords(
        records.map((record) => ({ streamName: record.getStream(), record: inputOf(record) })),
        call.request.getChecksList().map(checkOf),
      )
      .then(({ position, responses }) => {
        const answer = new streamsV2.AppendRecordsResponse().setPosition(`${position}`);
        for (const { streamName, revision } of responses)
          answer.addRevisions(new streamsV2.StreamRevision().setStream(streamName).setRevision(`${revision}`));
        respond(null, answer);
      })
      .catch((error: unknown) => respond(serviceError(error)));
  },
});

type ReadCall = grpc.ServerWritableStream<streamsV1.ReadReq, streamsV1.ReadResp>;

const reads =
  (server: InMemoryKurrentServer) =>
  (call: ReadCall): void => {
    const options = call.request.getOptions() ?? new streamsV1.ReadReq.Options();
    if (options.hasAll()) subscribe(server, call, options);
    else
      readStream(server, call, options).catch((error: unknown) => {
        call.emit('error', serviceError(error));
      });
  };

const readStream = async (
  { client }: InMemoryKurrentServer,
  call: ReadCall,
  options: streamsV1.ReadReq.Options,
): Promise<void> => {
  const stream = options.getStream() ?? new streamsV1.ReadReq.Options.StreamOptions();
  const streamName = Buffer.from(stream.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  const backwards = options.getReadDirection() === streamsV1.ReadReq.Options.ReadDirection.BACKWARDS;
  try {
    for await (const { event } of client.readStream(streamName, {
      direction: backwards ? 'backwards' : 'forwards',
      fromRevision: stream.hasRevision() ? BigInt(stream.getRevision()) : stream.hasEnd() ? 'end' : 'start',
      maxCount: BigInt(options.getCount()),
    }))
      if (event !== undefined) call.write(readResponse(event));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const notFound = new streamsV1.ReadResp.StreamNotFound();
    notFound.setStreamIdentifier(stream.getStreamIdentifier());
    call.write(new streamsV1.ReadResp().setStreamNotFound(notFound));
  }
  call.end();
};

const subscribe = ({ client }: InMemoryKurrentServer, call: ReadCall, options: streamsV1.ReadReq.Options): void => {
  const position = options.getAll()?.getPosition();
  const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [];
  const subscription: KurrentSubscription = client.subscribeToAll({
    fromPosition:
      position === undefined
        ? 'start'
        : { commit: BigInt(position.getCommitPosition()), prepare: BigInt(position.getPreparePosition()) },
    filter: { filterOn: 'streamName', prefixes, checkpointInterval: 1 },
  });
  const confirmation = new streamsV1.ReadResp.SubscriptionConfirmation().setSubscriptionId('in-memory');
  call.write(new streamsV1.ReadResp().setConfirmation(confirmation));
  subscription.on('data', ({ event }) => event !== undefined && call.write(readResponse(event)));
  subscription.on('caughtUp', () =>
    call.write(new streamsV1.ReadResp().setCaughtUp(new streamsV1.ReadResp.CaughtUp())),
  );
  subscription.on('error', (error) => call.emit('error', serviceError(error)));
  call.on('cancelled', () => void subscription.unsubscribe());
};
