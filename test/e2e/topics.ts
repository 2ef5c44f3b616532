import { Kafka, logLevel, Partitioners } from 'kafkajs';

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Reads topics from their beginning as an application does, committed records only, until `enough` is content with what came. Throws
 * with what was read when that does not happen in time.
 */
export const readTopics = async (
  system: { kafkaBrokers: readonly string[]; topicPrefix: string },
  topics: readonly string[],
  enough: (records: readonly TopicRecord[]) => boolean,
): Promise<readonly TopicRecord[]> => {
  const kafka = new Kafka({ clientId: 'test', brokers: [...system.kafkaBrokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: `${system.topicPrefix}-${Math.random().toString(36).slice(2)}`,
    readUncommitted: false,
    maxWaitTimeInMs: 50,
  });
  const records: TopicRecord[] = [];
  await consumer.connect();
  try {
    await published(
      kafka,
      topics.map((topic) => `${system.topicPrefix}.${topic}`),
    );
    await consumer.subscribe({ topics: topics.map((topic) => `${system.topicPrefix}.${topic}`), fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const giveUp = setTimeout(() => reject(new Error(`Not all records came: ${records.length} so far.`)), 60_000);
      const check = () => {
        if (!enough(records)) return;
        clearTimeout(giveUp);
        resolve();
      };
      consumer
        .run({
          eachMessage: async ({ topic, partition, message }) => {
            records.push({
              topic: topic.slice(system.topicPrefix.length + 1),
              partition,
              offset: Number(message.offset),
              key: message.key?.toString() ?? '',
              value: message.value === null ? null : JSON.parse(message.value.toString()),
              headers: Object.fromEntries(
                Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
              ),
            });
            check();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
};

/** Resolves when the publisher has made the topics. */
const published = async (kafka: Kafka, topics: readonly string[]): Promise<void> => {
  const admin = kafka.admin();
  await admin.connect();
  const deadline = Date.now() + 30_000;
  try {
    while (Date.now() < deadline) {
      const existing = new Set(await admin.listTopics());
      if (topics.every((topic) => existing.has(topic))) return;
      await new Promise((again) => setTimeout(again, 50));
    }
    throw new Error(`There are no topics ${topics.join(', ')}.`);
  } finally {
    await admin.disconnect();
  }
};

/** The partition of a tenant, computed by the client library itself: the oracle for ours. */
export const partitionOf = (tenantId: string, partitions: number): number =>
  Partitioners.DefaultPartitioner()({
    topic: '',
    partitionMetadata: Array.from({ length: partitions }, (_, partitionId) => ({
      partitionId,
      leader: 0,
      replicas: [],
      isr: [],
      partitionErrorCode: 0,
      offlineReplicas: [],
    })),
    message: { key: tenantId, value: '' },
  });
