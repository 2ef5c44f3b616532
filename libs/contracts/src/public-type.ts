import type { TypeOfResource } from '#directory';
import { urns } from '#scim';
import type { SchemaName } from './schemas.js';
import type { PublicTopic } from './topics.js';

/** What a record says of the type of its resource. */
export interface PublicType {
  readonly name: string;
  readonly endpoint: string;
  /** URN of the base schema. */
  readonly schema: string;
  /** Where its resources stand as they are. */
  readonly topic: PublicTopic;
  readonly contract: SchemaName;
}

export const userType: PublicType = {
  name: 'User',
  endpoint: '/Users',
  schema: urns.user,
  topic: 'users',
  contract: 'user',
};
export const groupType: PublicType = {
  name: 'Group',
  endpoint: '/Groups',
  schema: urns.group,
  topic: 'groups',
  contract: 'group',
};
/** A type of a tenant's own, as its events name it. */
export const ownType = ({ resourceType: name, endpoint, schema }: TypeOfResource): PublicType => ({
  name,
  endpoint,
  schema,
  topic: 'resources',
  contract: 'resource',
});
