export { changeTypeOf, setUriOf, type ChangeType } from './change-types.js';
export { cloudEventHeaders, membershipKey, resourceKey, schemaUri, sequenceText } from './cloud-event.js';
export type {
  ChangePayloads,
  Membership,
  MembersAdded,
  MembersRemoved,
  PublicResource,
  PublisherPosition,
  ResourceNamed,
  ResourceUpdated,
} from './payloads.js';
export { parsePublisherPosition } from './publisher-position.js';
export { endOfPublished, type PublishedBefore } from './end-of-tenant.js';
export { asyncApiDocument, headersSchema } from './asyncapi.js';
export { contractSchemas, type JsonSchema, type SchemaName } from './schemas.js';
export { topicConfigs, topicKinds, topicName, topicsOf, type PublicTopic, type TopicKind } from './topics.js';
export { endedMemberships, translate, type PublicRecord, type ResourceState } from './translation.js';
