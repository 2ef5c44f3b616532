import { Kafka, logLevel, type BrokersFunction, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import type { KafkaLog, KafkaOptions } from './kafka-options.js';

const CONNECTION_TIMEOUT_MS = 3_000;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * Right after a commit, and while a coordinator loads, brokers answer "not yet" for some milliseconds. kafkajs would wait 300 ms before it
 * asks again; a publisher that commits many small transactions must not.
 */
export const PATIENT_RETRY = { initialRetryTime: 5, multiplier: 2, factor: 0.2, maxRetryTime: 1_000, retries: 12 };

/** Makes a kafkajs client whose messages go to `log`. */
export const kafkajsClient = (options: KafkaOptions, log: KafkaLog): Kafka => {
  const config: KafkaConfig = {
    clientId: options.clientId,
    brokers: brokersFunction(options.brokers),
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: PATIENT_RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => forward(entry, log),
  };
  if (options.ssl !== undefined) config.ssl = options.ssl;
  if (options.sasl !== undefined) config.sasl = saslOptions(options.sasl);
  return new Kafka(config);
};

const brokersFunction = (brokers: KafkaOptions['brokers']): BrokersFunction =>
  typeof brokers === 'function' ? async () => [...brokers()] : async () => [...brokers];

const saslOptions = ({ mechanism, username, password }: NonNullable<KafkaOptions['sasl']>): SASLOptions => {
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
};

/**
 * kafkajs calls an error what its own retries mend (a closed connection, a coordinator that still loads). What they cannot mend is thrown
 * to us and logged by whoever decides what to do; so nothing of kafkajs is more than a detail.
 */
const forward = ({ namespace, label, log: { message, error, broker } }: LogEntry, log: KafkaLog): void =>
  log.debug({ kafkajs: namespace, level: label, broker: text(broker), error: text(error) }, message);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
