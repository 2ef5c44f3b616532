import type { Kafka, Message, Producer, Transaction } from 'kafkajs';
import { within } from './deadline.js';
import {
  KafkaUnavailable,
  ProducerLost,
  type KafkaTransaction,
  type OutgoingRecord,
  type TransactionalProducer,
} from './kafka-port.js';
import { PATIENT_RETRY } from './kafkajs-client.js';

/** A transaction that its producer left open holds back every reader of committed records; the broker ends it after this time. */
const TRANSACTION_TIMEOUT_MS = 30_000;

const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'INVALID_PRODUCER_ID_MAPPING']);

/** Opens a transactional producer of kafkajs. Throws KafkaUnavailable. */
export const openKafkajsProducer = async (
  kafka: Kafka,
  transactionalId: string,
  timeoutMs: number,
): Promise<TransactionalProducer> => {
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    // Bounded, for a producer that fails is dropped and its transaction aborted: nothing is lost by giving up.
    retry: PATIENT_RETRY,
    createPartitioner: () => explicitPartition,
  });
  try {
    await within(timeoutMs, `open the producer ${transactionalId}`, initialise(producer));
  } catch (error) {
    void producer.disconnect().catch(() => {});
    throw new KafkaUnavailable(`The producer ${transactionalId} could not be opened: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new KafkajsProducer(producer, transactionalId, timeoutMs);
};

/**
 * `connect` alone fences nobody: kafkajs asks for the id's next epoch with the first transaction. An empty one, ended at once, costs
 * nothing more than that.
 */
const initialise = async (producer: Producer): Promise<void> => {
  await producer.connect();
  const empty = await producer.transaction();
  await empty.abort();
};

const explicitPartition = ({ message, topic }: { message: Message; topic: string }): number => {
  if (message.partition === undefined) throw new RangeError(`A record for ${topic} names no partition.`);
  return message.partition;
};

class KafkajsProducer implements TransactionalProducer {
  private lost: ProducerLost | undefined;

  constructor(
    private readonly producer: Producer,
    private readonly transactionalId: string,
    private readonly timeoutMs: number,
  ) {}

  async begin(): Promise<KafkaTransaction> {
    const transaction = await this.attempt('begin a transaction', () => this.producer.transaction());
    return {
      send: (records) => this.attempt('take the records', () => send(transaction, records)),
      commit: () => this.attempt('commit', () => transaction.commit()),
    };
  }

  async close(): Promise<void> {
    this.lost ??= new ProducerLost(`The producer ${this.transactionalId} is closed.`, false);
    await within(this.timeoutMs, 'disconnect', this.producer.disconnect()).catch(() => {});
  }

  /** The first failure is the last: nothing that this producer does afterwards could be trusted. */
  private async attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.lost !== undefined) throw this.lost;
    try {
      return await within(this.timeoutMs, what, work());
    } catch (error) {
      this.lost = new ProducerLost(
        `The producer ${this.transactionalId} failed to ${what}: ${messageOf(error)}`,
        isFenced(error),
        { cause: error },
      );
      void this.producer.disconnect().catch(() => {});
      throw this.lost;
    }
  }
}

const send = async (transaction: Transaction, records: readonly OutgoingRecord[]): Promise<void> => {
  const byTopic = Map.groupBy(records, ({ topic }) => topic);
  const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages: messages.map(toMessage) }));
  if (topicMessages.length > 0) await transaction.sendBatch({ acks: -1, topicMessages });
};

const toMessage = ({ partition, key, value, headers }: OutgoingRecord): Message => ({
  partition,
  key,
  value,
  headers: { ...headers },
});

const isFenced = (error: unknown): boolean => {
  for (let e: unknown = error; e instanceof Error; e = e.cause)
    if ('type' in e && typeof e.type === 'string' && FENCED.has(e.type)) return true;
  return false;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
