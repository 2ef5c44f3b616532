import type { DirectoryEvent } from '#directory';

export type ChangeType =
  | 'user.created'
  | 'user.updated'
  | 'user.deactivated'
  | 'user.reactivated'
  | 'user.deleted'
  | 'user.erased'
  | 'group.created'
  | 'group.updated'
  | 'group.deleted'
  | 'group.members_added'
  | 'group.members_removed'
  | 'resource.created'
  | 'resource.updated'
  | 'resource.deleted'
  | 'resource.erased';

/** The public name of each event of the log: a new event does not build until it has one. */
export const changeTypeOf: Readonly<Record<DirectoryEvent['type'], ChangeType>> = {
  UserCreated: 'user.created',
  UserAttributesChanged: 'user.updated',
  UserDeactivated: 'user.deactivated',
  UserReactivated: 'user.reactivated',
  UserDeleted: 'user.deleted',
  UserErased: 'user.erased',
  GroupCreated: 'group.created',
  GroupAttributesChanged: 'group.updated',
  GroupMembersAdded: 'group.members_added',
  GroupMembersRemoved: 'group.members_removed',
  GroupDeleted: 'group.deleted',
  /** No more than a tombstone: that the group is gone is known. */
  GroupErased: 'group.deleted',
  ResourceCreated: 'resource.created',
  ResourceAttributesChanged: 'resource.updated',
  ResourceDeleted: 'resource.deleted',
  ResourceErased: 'resource.erased',
};

/**
 * The RFC 9967 event that each change is, so that a record can become a Security Event Token without a lookup. `full` only where the record
 * holds what `data` of that event must hold: the whole user, or the new values from which a PatchOp follows. A new group is a `notice`,
 * for its members come in records of their own; so is a change of members (RFC 9967 §5 advises against `full` for groups).
 * The RFC has no event for erasure: the deletion before it was one.
 */
export const setUriOf: Readonly<Record<ChangeType, string | undefined>> = {
  'user.created': 'urn:ietf:params:scim:event:prov:create:full',
  'user.updated': 'urn:ietf:params:scim:event:prov:patch:full',
  'user.deactivated': 'urn:ietf:params:scim:event:prov:deactivate',
  'user.reactivated': 'urn:ietf:params:scim:event:prov:activate',
  'user.deleted': 'urn:ietf:params:scim:event:prov:delete',
  'user.erased': undefined,
  'group.created': 'urn:ietf:params:scim:event:prov:create:notice',
  'group.updated': 'urn:ietf:params:scim:event:prov:patch:full',
  'group.deleted': 'urn:ietf:params:scim:event:prov:delete',
  'group.members_added': 'urn:ietf:params:scim:event:prov:patch:notice',
  'group.members_removed': 'urn:ietf:params:scim:event:prov:patch:notice',
  'resource.created': 'urn:ietf:params:scim:event:prov:create:full',
  'resource.updated': 'urn:ietf:params:scim:event:prov:patch:full',
  'resource.deleted': 'urn:ietf:params:scim:event:prov:delete',
  'resource.erased': undefined,
};
