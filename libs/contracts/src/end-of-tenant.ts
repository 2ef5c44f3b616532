import { isDirectoryEvent, type DirectoryEvent, type TypeOfResource } from '#directory';
import { parseStreamName, type Recorded, type StoredEvent } from '#event-sourcing';
import { cloudEventHeaders, membershipKey, resourceKey } from './cloud-event.js';
import { groupType, ownType, userType } from './public-type.js';
import type { PublicRecord } from './translation.js';

/** An event that has made something public, and the resource it was about as the tenant's erasure finds it. */
export interface PublishedBefore {
  readonly event: StoredEvent;
  /** The last revision of the resource. */
  readonly revision: number;
  /** It was not deleted. */
  readonly open: boolean;
}

type End = (erasure: Recorded, id: string, before: PublishedBefore) => readonly PublicRecord[];

/**
 * The records by which the erasure of a tenant ends what this event of it has made public: a tombstone for every key, and to those who follow
 * `changes` that a person is erased or a group gone. Ids alone are needed for it: the keys of the tenant may be destroyed already.
 */
export const endOfPublished = (erasure: Recorded, before: PublishedBefore): readonly PublicRecord[] => {
  const message = { type: before.event.type, data: before.event.data };
  if (!isDirectoryEvent(message)) return [];
  const { id } = parseStreamName(before.event.streamName);
  return ends[message.type]({ ...erasure, resourceId: id, revision: before.revision }, id, before);
};

const endOfUser: End = (erasure, id) => {
  const key = resourceKey(erasure.tenantId, 'User', id);
  const envelope = { type: 'user.erased', endpoint: userType.endpoint, part: id } as const;
  return [
    {
      topic: 'changes',
      key,
      value: { id },
      headers: cloudEventHeaders(erasure, { ...envelope, schema: 'user.erased' }),
    },
    { topic: 'users', key, value: null, headers: cloudEventHeaders(erasure, { ...envelope, schema: 'user' }) },
  ];
};

/** Of a deleted group the public has heard. */
const endOfGroup: End = (erasure, id, { open }) => {
  const key = resourceKey(erasure.tenantId, 'Group', id);
  const envelope = { type: 'group.deleted', endpoint: groupType.endpoint, part: id } as const;
  const headers = cloudEventHeaders(erasure, { ...envelope, schema: 'group.deleted' });
  return [
    ...(open ? [{ topic: 'changes' as const, key, value: { id }, headers }] : []),
    { topic: 'groups', key, value: null, headers: cloudEventHeaders(erasure, { ...envelope, schema: 'group' }) },
  ];
};

const endOfMemberships: End = (erasure, group, { event, open }) => {
  const members: unknown = event.data['members'];
  if (!open || !Array.isArray(members)) return [];
  return (members as readonly { readonly value: string }[]).map(({ value: member }) => ({
    topic: 'memberships',
    key: membershipKey(erasure.tenantId, group, member),
    value: null,
    headers: cloudEventHeaders(erasure, {
      type: 'group.deleted',
      endpoint: groupType.endpoint,
      schema: 'membership',
      part: `${group}:${member}`,
    }),
  }));
};

const endOfResource: End = (erasure, id, { event }) => {
  const { name, endpoint, topic, contract } = ownType(event.data as TypeOfResource); // what stands in the clear
  const key = resourceKey(erasure.tenantId, name, id);
  const envelope = { type: 'resource.erased', endpoint, part: id } as const;
  return [
    {
      topic: 'changes',
      key,
      value: { id },
      headers: cloudEventHeaders(erasure, { ...envelope, schema: 'resource.erased' }),
    },
    { topic, key, value: null, headers: cloudEventHeaders(erasure, { ...envelope, schema: contract }) },
  ];
};

/** By the event that first made the key. */
const madeNothingNew: End = () => [];

/** Total: a new event does not build until it is said what it leaves on the topics. */
const ends: Readonly<Record<DirectoryEvent['type'], End>> = {
  UserCreated: endOfUser,
  UserAttributesChanged: madeNothingNew,
  UserDeactivated: madeNothingNew,
  UserReactivated: madeNothingNew,
  UserDeleted: madeNothingNew,
  UserErased: madeNothingNew,
  GroupCreated: endOfGroup,
  GroupAttributesChanged: madeNothingNew,
  GroupMembersAdded: endOfMemberships,
  GroupMembersRemoved: madeNothingNew,
  GroupDeleted: madeNothingNew,
  GroupErased: madeNothingNew,
  ResourceCreated: endOfResource,
  ResourceAttributesChanged: madeNothingNew,
  ResourceDeleted: madeNothingNew,
  ResourceErased: madeNothingNew,
};
