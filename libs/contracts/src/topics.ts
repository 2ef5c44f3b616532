const DAY_MS = 24 * 60 * 60 * 1000;
const CHANGES_RETENTION_MS = 14 * DAY_MS;
/** A resource may be as large as a request body (1 MiB); as a change and with its envelope it is a little larger. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/** The topics applications read (DESIGN §6). */
export type PublicTopic = 'changes' | 'users' | 'groups' | 'resources' | 'memberships';
export type TopicKind = PublicTopic | 'publisher-positions';

export const topicKinds = [
  'changes',
  'users',
  'groups',
  'resources',
  'memberships',
  'publisher-positions',
] as const satisfies readonly TopicKind[];

const changesConfig: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'retention.ms': String(CHANGES_RETENTION_MS),
  'segment.ms': String(DAY_MS), // retention removes whole segments: without it a quiet topic keeps its records far longer
  'max.message.bytes': String(MAX_MESSAGE_BYTES),
};

const stateConfig: Readonly<Record<string, string>> = {
  'cleanup.policy': 'compact',
  // Who reads `changes` within its retention must not miss a deletion here either.
  'delete.retention.ms': String(CHANGES_RETENTION_MS),
  // Only closed segments are compacted: both bound how long an erased or deleted person stays readable.
  'segment.ms': String(DAY_MS),
  'max.compaction.lag.ms': String(2 * DAY_MS),
  'max.message.bytes': String(MAX_MESSAGE_BYTES),
};

/** Settings of each topic, by Kafka's names. */
export const topicConfigs: Readonly<Record<TopicKind, Readonly<Record<string, string>>>> = {
  changes: changesConfig,
  users: stateConfig,
  groups: stateConfig,
  resources: stateConfig,
  memberships: stateConfig,
  'publisher-positions': stateConfig,
};

/** Returns `{prefix}.changes.v1` and so on. The version is that of the contract: a breaking change is a new topic. */
export const topicName = (prefix: string, kind: TopicKind): string => `${prefix}.${kind}.v1`;

/** All topics with the given number of partitions: alike on each, for a tenant has the same partition everywhere. */
export const topicsOf = (
  prefix: string,
  partitions: number,
): readonly { name: string; partitions: number; config: Readonly<Record<string, string>> }[] =>
  topicKinds.map((kind) => ({ name: topicName(prefix, kind), partitions, config: topicConfigs[kind] }));
