import type { DynamicModule } from '@nestjs/common';
import { KafkajsAdapter, type KafkaOptions } from '#kafka';
import { serviceSessionUrl } from '#postgres';
import type { ServiceContext, Settings } from '#runtime';
import { PostgresPartitionLeases } from './postgres-partition-leases.js';
import { PublisherModule } from './publisher.module.js';

/** `brokers`: instead of those in the settings, known only later (a development broker that is still starting). */
export const composePublisher = async (
  { settings, logger }: ServiceContext,
  brokers: KafkaOptions['brokers'] = settings.KAFKA_BROKERS,
): Promise<readonly DynamicModule[]> => {
  const { KAFKA_TOPIC_PREFIX: topicPrefix, KAFKA_PARTITIONS: partitions } = settings;
  const leases = new PostgresPartitionLeases(
    serviceSessionUrl(settings.DATABASE_URL, { applicationName: 'rollcall-publisher-leases' }),
    topicPrefix,
  );
  const kafka = new KafkajsAdapter(kafkaOptions(settings, brokers), logger);
  return [PublisherModule.register({ settings: { topicPrefix, partitions }, kafka, leases })];
};

const kafkaOptions = (settings: Settings, brokers: KafkaOptions['brokers']): KafkaOptions => {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  const sasl =
    mechanism === undefined || username === undefined || password === undefined
      ? undefined
      : { mechanism, username, password };
  return {
    brokers,
    clientId: 'rollcall-publisher',
    ...(settings.KAFKA_SSL ? { ssl: true as const } : {}),
    ...(sasl === undefined ? {} : { sasl }),
  };
};
