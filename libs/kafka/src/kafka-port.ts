/** A record to send. A null value deletes its key from a compacted topic. */
export interface OutgoingRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly value: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ReceivedRecord extends OutgoingRecord {
  readonly offset: bigint;
}

export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  /** Topic settings by Kafka's names, such as `cleanup.policy`. */
  readonly config: Readonly<Record<string, string>>;
}

/** How an existing topic differs from its definition. Only told: an operator may have had a reason. */
export interface TopicDifference {
  readonly topic: string;
  readonly setting: string;
  readonly wanted: string;
  readonly actual: string;
}

export interface VerifiedTopics {
  readonly created: readonly string[];
  /** Partitions of each topic as they really are: an existing topic keeps the count it was made with. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly differences: readonly TopicDifference[];
}

/** One Kafka transaction: everything sent in it becomes visible together at the commit, or never. */
export interface KafkaTransaction {
  /** Sends in the order given; await it before the next call. Throws ProducerLost. */
  send(records: readonly OutgoingRecord[]): Promise<void>;
  /**
   * Resolves when the outcome is decided; readers may see it a moment later. Throws ProducerLost: whether the transaction took place is
   * then unknown.
   */
  commit(): Promise<void>;
}

/** A producer that owns a transactional id until another one opens the same id. */
export interface TransactionalProducer {
  /** Begins a transaction; there is one at a time. Throws ProducerLost once the producer has failed. */
  begin(): Promise<KafkaTransaction>;
  /** Lets the connection go. Never throws; an open transaction is left to the next owner of the id, who aborts it. */
  close(): Promise<void>;
}

export interface RecordFeed {
  close(): Promise<void>;
}

/** What this product needs of Kafka. One contract suite runs against every adapter, on a real broker. */
export abstract class KafkaPort {
  /**
   * Makes the topics that are missing and verifies the others. Throws KafkaUnavailable, or TopicUnusable when an existing topic has
   * another `cleanup.policy`: compaction where deletion is expected, or the reverse, loses records.
   */
  abstract verifyTopics(topics: readonly TopicDefinition[]): Promise<VerifiedTopics>;

  /**
   * Opens a producer. An older producer of the same id is fenced and its open transaction aborted before this resolves: what can be read
   * of its records afterwards is final. Throws KafkaUnavailable.
   */
  abstract openProducer(transactionalId: string): Promise<TransactionalProducer>;

  /**
   * Reads a partition from its start to the end it has at the time of the call (the last stable offset), committed records only.
   * Terminates on empty partitions and on tails of aborted records and transaction markers. Throws KafkaUnavailable.
   */
  abstract readToEnd(topic: string, partition: number, onRecord: (record: ReceivedRecord) => void): Promise<void>;

  /** Follows topics from their start or from now on, committed records only, each partition in order. */
  abstract follow(
    options: { readonly groupId: string; readonly topics: readonly string[]; readonly fromBeginning: boolean },
    onRecord: (record: ReceivedRecord) => Promise<void> | void,
  ): Promise<RecordFeed>;

  /** Whether a broker answers now. Never throws. */
  abstract reachable(): Promise<boolean>;

  /** Lets all connections go. Never throws. */
  abstract close(): Promise<void>;
}

/** No broker answers, or none in time. Try again later. */
export class KafkaUnavailable extends Error {
  readonly code = 'kafka-unavailable';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'KafkaUnavailable';
  }
}

/**
 * A send or commit failed and its outcome is unknown: open the id anew, read what is there, go on from that.
 * `fenced` when another producer has opened the id.
 */
export class ProducerLost extends Error {
  readonly code = 'producer-lost';
  constructor(
    message: string,
    readonly fenced: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ProducerLost';
  }
}

/** A topic exists, but cannot serve. Somebody must look. */
export class TopicUnusable extends Error {
  readonly code = 'topic-unusable';
  constructor(message: string) {
    super(message);
    this.name = 'TopicUnusable';
  }
}
