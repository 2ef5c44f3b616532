import { randomUUID } from 'node:crypto';
import {
  AssignerProtocol,
  type Consumer,
  type IHeaders,
  type Kafka,
  type KafkaMessage,
  type PartitionAssigner,
} from 'kafkajs';
import type { ReceivedRecord } from './kafka-port.js';
import { PATIENT_RETRY } from './kafkajs-client.js';

const MAX_WAIT_MS = 100;
/** Fetches in a row that bring nothing although the end is not reached: the rest was compacted away. */
const EMPTY_FETCHES_AT_THE_END = 5;

interface PartitionRange {
  readonly topic: string;
  readonly partition: number;
  /** The offset before which everything is to be read. */
  readonly end: bigint;
}

/**
 * Reads one partition from its start up to `end`. kafkajs reads in groups only, so this is a group of one, for once, whose assigner
 * gives it just that partition.
 */
export const readPartition = async (
  kafka: Kafka,
  { topic, partition, end }: PartitionRange,
  onRecord: (record: ReceivedRecord) => void,
): Promise<void> => {
  const consumer = kafka.consumer({
    groupId: `${topic}.read.${randomUUID()}`,
    partitionAssigners: [onlyPartition(topic, partition)],
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
    retry: PATIENT_RETRY, // a broker that has just started loads its coordinators first
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const finished = reached(consumer, end);
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        if (BigInt(message.offset) < end) onRecord(toReceived(topic, partition, message));
      },
    });
    await finished;
  } finally {
    await consumer.disconnect().catch(() => {});
  }
};

/** Resolves when everything before `end` was handled, markers and aborted records counted; rejects when the consumer crashes. */
const reached = (consumer: Consumer, end: bigint): Promise<void> =>
  new Promise((resolve, reject) => {
    const { CRASH, END_BATCH_PROCESS, FETCH, START_BATCH_PROCESS } = consumer.events;
    let empty = 0;
    consumer.on(START_BATCH_PROCESS, () => {
      empty = 0;
    });
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (BigInt(payload.lastOffset) >= end - 1n) resolve();
    });
    consumer.on(FETCH, ({ payload }) => {
      if (payload.numberOfBatches === 0) return; // another broker's, or a failed one
      empty += 1;
      if (empty > EMPTY_FETCHES_AT_THE_END) resolve();
    });
    consumer.on(CRASH, ({ payload }) => reject(payload.error));
  });

const onlyPartition =
  (topic: string, partition: number): PartitionAssigner =>
  () => ({
    name: 'one-partition',
    version: 1,
    assign: async ({ members }) =>
      members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: { [topic]: [partition] },
          userData: Buffer.alloc(0),
        }),
      })),
    protocol: ({ topics }) => ({
      name: 'one-partition',
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
  });

/** A record as the port gives it. Keys, values and headers are UTF-8 text in every record of this product. */
export const toReceived = (topic: string, partition: number, message: KafkaMessage): ReceivedRecord => ({
  topic,
  partition,
  offset: BigInt(message.offset),
  key: message.key?.toString('utf8') ?? '',
  value: message.value?.toString('utf8') ?? null,
  headers: toHeaders(message.headers),
});

const toHeaders = (headers: IHeaders | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers ?? {}).flatMap(([name, value]) => {
      const last = Array.isArray(value) ? value.at(-1) : value; // a header may be given twice; the last one counts
      return last === undefined ? [] : [[name, last.toString('utf8')]];
    }),
  );
