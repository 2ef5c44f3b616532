import { setTimeout as pause } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { within } from './deadline.js';
import { silentLog, type KafkaLog, type KafkaOptions } from './kafka-options.js';
import {
  KafkaPort,
  KafkaUnavailable,
  TopicUnusable,
  type ReceivedRecord,
  type RecordFeed,
  type TopicDefinition,
  type TransactionalProducer,
  type VerifiedTopics,
} from './kafka-port.js';
import { kafkajsClient } from './kafkajs-client.js';
import { openKafkajsProducer } from './kafkajs-producer.js';
import { readPartition, toReceived } from './kafkajs-reader.js';
import { verifyTopics } from './kafkajs-topics.js';

const OPERATION_TIMEOUT_MS = 15_000;
const REACHABLE_TIMEOUT_MS = 3_000;
const LEADER_PAUSE_MS = 50;

/** Kafka by way of kafkajs. */
export class KafkajsAdapter extends KafkaPort {
  private readonly kafka: Kafka;
  private readonly timeoutMs: number;
  private admin: Promise<Admin> | undefined;

  constructor(options: KafkaOptions, log: KafkaLog = silentLog) {
    super();
    this.kafka = kafkajsClient(options, log);
    this.timeoutMs = options.operationTimeoutMs ?? OPERATION_TIMEOUT_MS;
  }

  async verifyTopics(topics: readonly TopicDefinition[]): Promise<VerifiedTopics> {
    return this.administer('verify the topics', this.timeoutMs, (admin) => verifyTopics(admin, topics));
  }

  async openProducer(transactionalId: string): Promise<TransactionalProducer> {
    return openKafkajsProducer(this.kafka, transactionalId, this.timeoutMs);
  }

  async readToEnd(topic: string, partition: number, onRecord: (record: ReceivedRecord) => void): Promise<void> {
    const { start, end } = await this.range(topic, partition);
    if (start === end) return;
    try {
      await readPartition(this.kafka, { topic, partition, end }, onRecord);
    } catch (error) {
      throw unavailable(`read ${topic}`, error);
    }
  }

  async follow(
    { groupId, topics, fromBeginning }: { groupId: string; topics: readonly string[]; fromBeginning: boolean },
    onRecord: (record: ReceivedRecord) => Promise<void> | void,
  ): Promise<RecordFeed> {
    const consumer = this.kafka.consumer({ groupId, maxWaitTimeInMs: 100, allowAutoTopicCreation: false });
    try {
      await within(this.timeoutMs, 'join the group', consumer.connect());
      await consumer.subscribe({ topics: [...topics], fromBeginning });
      await consumer.run({
        eachMessage: async ({ topic, partition, message }) => onRecord(toReceived(topic, partition, message)),
      });
    } catch (error) {
      void consumer.disconnect().catch(() => {});
      throw unavailable('be followed', error);
    }
    return { close: () => consumer.disconnect().catch(() => {}) };
  }

  async reachable(): Promise<boolean> {
    return this.administer('answer', REACHABLE_TIMEOUT_MS, (admin) => admin.describeCluster()).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    const admin = this.admin;
    this.admin = undefined;
    await admin?.then((connected) => connected.disconnect()).catch(() => {});
  }

  /** Up to where readers of committed records get: kafkajs asks for the last stable offset. */
  private async range(topic: string, partition: number): Promise<{ start: bigint; end: bigint }> {
    const deadline = Date.now() + this.timeoutMs;
    for (;;) {
      try {
        const offsets = await this.administer('tell offsets', this.timeoutMs, (admin) =>
          admin.fetchTopicOffsets(topic),
        );
        const found = offsets.find((candidate) => candidate.partition === partition);
        if (found === undefined) throw new TopicUnusable(`The topic ${topic} has no partition ${partition}.`);
        return { start: BigInt(found.low), end: BigInt(found.high) };
      } catch (error) {
        if (!isPassing(error) || Date.now() > deadline) throw error;
        await pause(LEADER_PAUSE_MS);
      }
    }
  }

  /** Runs on the one administrative connection; a failure drops it, so that the next call starts afresh. */
  private async administer<T>(what: string, timeoutMs: number, work: (admin: Admin) => Promise<T>): Promise<T> {
    const connecting = (this.admin ??= this.connectAdmin());
    try {
      return await within(timeoutMs, what, connecting.then(work));
    } catch (error) {
      if (this.admin === connecting) this.admin = undefined;
      void connecting.then((admin) => admin.disconnect()).catch(() => {});
      throw unavailable(what, error);
    }
  }

  private async connectAdmin(): Promise<Admin> {
    const admin = this.kafka.admin();
    await admin.connect();
    return admin;
  }
}

/**
 * What passes by itself: just after a topic was made or a broker restarted kafkajs may ask a broker that does not lead the partition yet, or know
 * nothing of the topic; and a connection that another call has given up is made anew.
 */
const PASSING = new Set([
  'NOT_LEADER_FOR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
]);

const isPassing = (error: unknown): boolean => {
  if (!(error instanceof KafkaUnavailable)) return false;
  const { name = '', type = '' } = (error.cause ?? {}) as { readonly name?: string; readonly type?: string };
  return PASSING.has(name) || PASSING.has(type);
};

const unavailable = (what: string, error: unknown): Error => {
  if (error instanceof KafkaUnavailable || error instanceof TopicUnusable) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new KafkaUnavailable(`Kafka did not ${what}: ${reason}`, { cause: error });
};
