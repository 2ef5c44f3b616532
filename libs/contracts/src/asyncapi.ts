import { setUriOf, type ChangeType } from './change-types.js';
import { contractSchemas, type JsonSchema, type SchemaName } from './schemas.js';
import { topicConfigs, topicKinds, topicName, type TopicKind } from './topics.js';

const CONTRACT_VERSION = '1.0.0';
const PREFIX = 'rollcall';

const keys: Readonly<Record<TopicKind, string>> = {
  changes: '{tenant}/{ResourceType}/{id}',
  users: '{tenant}/User/{id}',
  groups: '{tenant}/Group/{id}',
  resources: '{tenant}/{ResourceType}/{id}',
  memberships: '{tenant}/{group}/{member}',
  'publisher-positions': '{tenant}',
};

const purposes: Readonly<Record<TopicKind, string>> = {
  changes: 'Every change, in the order of the tenant.',
  users: 'Each user as it is now; a record without value says that it is deleted.',
  groups: 'Each group as it is now, without members; a record without value says that it is deleted.',
  resources:
    "Each resource of a type of the tenant's own as it is now; a record without value says that it is deleted.",
  memberships: 'Each membership; a record without value says that it has ended.',
  'publisher-positions': "The publisher's own position per tenant. Applications do not read it.",
};

const messagesOf: Readonly<Record<TopicKind, readonly SchemaName[]>> = {
  changes: Object.keys(setUriOf) as ChangeType[],
  users: ['user'],
  groups: ['group'],
  resources: ['resource'],
  memberships: ['membership'],
  'publisher-positions': ['publisher-position'],
};

const text = (description: string): JsonSchema => ({ type: 'string', description });

/** The headers of every record on the public topics, as JSON Schema. */
export const headersSchema: JsonSchema = {
  type: 'object',
  properties: {
    'content-type': { const: 'application/json' },
    ce_specversion: { const: '1.0' },
    ce_id: text('Id of the event; on memberships `{event id}:{member}`. Survives a republish.'),
    ce_source: text('`/tenants/{tenant}`'),
    ce_type: { enum: Object.keys(setUriOf) },
    ce_subject: text("`/Users/{id}`, `/Groups/{id}`, or the endpoint of a type of the tenant's own"),
    ce_time: { type: 'string', format: 'date-time' },
    ce_dataschema: text('`$id` of the schema of the value'),
    ce_sequence: {
      type: 'string',
      pattern: '^[0-9]{20}$',
      description: 'Order within the tenant; has gaps. Compare per key.',
    },
    ce_tenantid: text('The tenant'),
    ce_resourceversion: { type: 'string', pattern: '^[0-9]+$', description: 'The revision behind the ETag' },
    ce_txn: text('Joins the changes of one request (RFC 9967 `txn`)'),
    ce_seturi: text('The RFC 9967 event; absent for an erasure, which the RFC does not know'),
    ce_traceparent: text('W3C trace context of the request'),
  },
  required: [
    'content-type',
    'ce_specversion',
    'ce_id',
    'ce_source',
    'ce_type',
    'ce_subject',
    'ce_time',
    'ce_dataschema',
    'ce_sequence',
    'ce_tenantid',
    'ce_resourceversion',
    'ce_txn',
  ],
};

/** Identifiers in AsyncAPI references may hold no dots. */
const nameOf = (name: string): string => name.replaceAll(/[._-]([a-z])/g, (_, letter: string) => letter.toUpperCase());

const isPublic = (kind: TopicKind): boolean => kind !== 'publisher-positions';

/** The AsyncAPI 3.0 document of all topics with the default prefix, made from the same data as what is sent. */
export const asyncApiDocument = (): JsonSchema => ({
  asyncapi: '3.0.0',
  info: {
    title: 'Rollcall',
    version: CONTRACT_VERSION,
    description:
      "Changes of users, groups, memberships and resources of tenants' own types as CloudEvents 1.0 in binary mode. Read committed records only. " +
      'The topic prefix is a setting (KAFKA_TOPIC_PREFIX). All records of a tenant share one partition on every topic.',
  },
  defaultContentType: 'application/json',
  channels: Object.fromEntries(topicKinds.map((kind) => [nameOf(kind), channel(kind)])),
  operations: Object.fromEntries(topicKinds.map((kind) => [nameOf(`publish-${kind}`), operation(kind)])),
  components: {
    messages: Object.fromEntries(
      topicKinds.flatMap((kind) => messagesOf[kind].map((name) => [nameOf(name), message(kind, name)])),
    ),
    schemas: { headers: headersSchema },
  },
});

const channel = (kind: TopicKind): JsonSchema => {
  const { 'cleanup.policy': policy, ...config } = topicConfigs[kind];
  const numbers = Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      ['retention.ms', 'delete.retention.ms', 'max.message.bytes'].includes(name) ? [[name, Number(value)]] : [],
    ),
  );
  return {
    address: topicName(PREFIX, kind),
    description: purposes[kind],
    messages: Object.fromEntries(
      messagesOf[kind].map((name) => [nameOf(name), { $ref: `#/components/messages/${nameOf(name)}` }]),
    ),
    bindings: {
      kafka: { topicConfiguration: { 'cleanup.policy': [policy], ...numbers }, bindingVersion: '0.5.0' },
    },
  };
};

const operation = (kind: TopicKind): JsonSchema => ({
  action: 'send',
  channel: { $ref: `#/channels/${nameOf(kind)}` },
});

const message = (kind: TopicKind, name: SchemaName): JsonSchema => ({
  name,
  summary: contractSchemas[name]['description'],
  ...(isPublic(kind) ? { headers: { $ref: '#/components/schemas/headers' } } : {}),
  payload: { schemaFormat: 'application/schema+json;version=draft-2020-12', schema: contractSchemas[name] },
  bindings: { kafka: { key: { type: 'string', description: keys[kind] }, bindingVersion: '0.5.0' } },
});
