import { Kafka, logLevel, type Consumer } from 'kafkajs';
import type { TopicRecord } from '../e2e/topics.js';

/**
 * Everything on the topics up to where they end now, as a reader of committed records sees it. All transactions must be over. Throws when the
 * ends are not reached in time: then somebody has left a transaction open.
 */
export const committedRecords = async (
  brokers: readonly string[],
  topics: readonly string[],
): Promise<readonly TopicRecord[]> => {
  const kafka = new Kafka({ clientId: 'chaos', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const missing = await endsOf(kafka, topics);
  const consumer = kafka.consumer({
    groupId: `chaos-${Math.random().toString(36).slice(2)}`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  });
  const records: TopicRecord[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    const finished = reached(consumer, missing);
    await consumer.run({
      eachMessage: async ({ topic, partition, message }) => {
        records.push({
          topic,
          partition,
          offset: Number(message.offset),
          key: message.key?.toString() ?? '',
          value: message.value === null ? null : JSON.parse(message.value.toString()),
          headers: Object.fromEntries(
            Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
          ),
        });
      },
    });
    await finished;
  } finally {
    await consumer.disconnect();
  }
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
};

/** Ends by `topic/partition`, of those that hold anything. */
const endsOf = async (kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> => {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, number>();
    for (const topic of topics)
      for (const { partition, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > 0) ends.set(`${topic}/${partition}`, Number(high));
    return ends;
  } finally {
    await admin.disconnect();
  }
};

/** Resolves when everything before these ends was read, the markers of transactions counted. */
const reached = (consumer: Consumer, missing: Map<string, number>): Promise<void> =>
  new Promise((resolve, reject) => {
    if (missing.size === 0) resolve();
    const giveUp = setTimeout(
      () => reject(new Error(`Kafka's topics cannot be read to their ends: ${[...missing.keys()].join(', ')}`)),
      30_000,
    );
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      const place = `${topic}/${partition}`;
      if (Number(lastOffset) >= (missing.get(place) ?? Infinity) - 1) missing.delete(place);
      if (missing.size > 0) return;
      clearTimeout(giveUp);
      resolve();
    });
  });
