import kafkajs, { type Admin } from 'kafkajs';
import { TopicUnusable, type TopicDefinition, type TopicDifference, type VerifiedTopics } from './kafka-port.js';

const REPLICAS_WANTED = 3;

/** Makes missing topics, verifies the others. Throws TopicUnusable; errors of kafkajs otherwise. */
export const verifyTopics = async (admin: Admin, topics: readonly TopicDefinition[]): Promise<VerifiedTopics> => {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter(({ name }) => !existing.has(name));
  if (missing.length > 0) await create(admin, missing);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: topics.map(({ name }) => name) });
  const partitions = new Map(metadata.map((topic) => [topic.name, topic.partitions.length]));
  const differences = await differencesOf(admin, topics);
  const wrongPolicy = differences.find(({ setting }) => setting === 'cleanup.policy');
  if (wrongPolicy !== undefined)
    throw new TopicUnusable(
      `The topic ${wrongPolicy.topic} has cleanup.policy=${wrongPolicy.actual}, but it must be ${wrongPolicy.wanted}.`,
    );
  return { created: missing.map(({ name }) => name), partitions, differences };
};

const create = async (admin: Admin, topics: readonly TopicDefinition[]): Promise<void> => {
  const { brokers } = await admin.describeCluster();
  // kafkajs speaks no version of CreateTopics that knows "the broker's default" (KIP-464).
  const replicationFactor = Math.min(REPLICAS_WANTED, brokers.length);
  // Answers false, without an error, when another process was faster.
  await admin.createTopics({
    waitForLeaders: true,
    topics: topics.map(({ name, partitions, config }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries(config).map(([setting, value]) => ({ name: setting, value })),
    })),
  });
};

const differencesOf = async (admin: Admin, topics: readonly TopicDefinition[]): Promise<TopicDifference[]> => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map(({ name, config }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: Object.keys(config),
    })),
  });
  const actual = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
  return topics.flatMap(({ name, config }) =>
    Object.entries(config).flatMap(([setting, wanted]) => {
      const value = actual.get(name)?.get(setting) ?? '';
      return value === wanted ? [] : [{ topic: name, setting, wanted, actual: value }];
    }),
  );
};
