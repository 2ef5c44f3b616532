export {
  KafkaPort,
  KafkaUnavailable,
  ProducerLost,
  TopicUnusable,
  type KafkaTransaction,
  type OutgoingRecord,
  type ReceivedRecord,
  type RecordFeed,
  type TopicDefinition,
  type TopicDifference,
  type TransactionalProducer,
  type VerifiedTopics,
} from './kafka-port.js';
export type { KafkaLog, KafkaOptions } from './kafka-options.js';
export { KafkajsAdapter } from './kafkajs-adapter.js';
export { partitionFor } from './partitioning.js';
