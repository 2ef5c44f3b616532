import type { EdgeChange, EventCatalogue, Message } from '#event-sourcing';
import type { GroupEvent } from './group/group.js';
import type { ResourceEvent } from './resource/resource.js';
import type { UserEvent } from './user/user.js';

export type ClaimEvent =
  Message<'ClaimTaken', { resourceId: string }> | Message<'ClaimReleased', { resourceId: string }>;
export type DirectoryEvent = UserEvent | GroupEvent | ResourceEvent;

/** Every event of the directory, its shape's version, and what of it is personal (DESIGN §4, encryption). */
export const directoryEvents = {
  UserCreated: { schemaVersion: 1, sealed: { attributes: {} } },
  UserAttributesChanged: { schemaVersion: 1, sealed: { changed: {} } },
  UserDeactivated: { schemaVersion: 1, sealed: {} },
  UserReactivated: { schemaVersion: 1, sealed: {} },
  UserDeleted: { schemaVersion: 1, sealed: {} },
  UserErased: { schemaVersion: 1, sealed: {} },
  GroupCreated: { schemaVersion: 1, sealed: { attributes: {} } },
  GroupAttributesChanged: { schemaVersion: 1, sealed: { changed: {} } },
  GroupMembersAdded: { schemaVersion: 1, sealed: {} },
  GroupMembersRemoved: { schemaVersion: 1, sealed: {} },
  GroupDeleted: { schemaVersion: 1, sealed: {} },
  GroupErased: { schemaVersion: 1, sealed: {} },
  ResourceCreated: { schemaVersion: 1, sealed: { attributes: {} } },
  ResourceAttributesChanged: { schemaVersion: 1, sealed: { changed: {} } },
  ResourceDeleted: { schemaVersion: 1, sealed: {} },
  ResourceErased: { schemaVersion: 1, sealed: {} },
  ClaimTaken: { schemaVersion: 1, sealed: {} },
  ClaimReleased: { schemaVersion: 1, sealed: {} },
} as const satisfies EventCatalogue & Record<DirectoryEvent['type'] | ClaimEvent['type'], unknown>;

/** Whether a recorded event is one of the directory: claims, the control plane and newer releases write others. */
export const isDirectoryEvent = (event: Message): event is DirectoryEvent =>
  Object.hasOwn(directoryEvents, event.type) && event.type !== 'ClaimTaken' && event.type !== 'ClaimReleased';

/** Whether an event records that its subject was erased; it is the last of its stream. */
export const isErasure = ({ type }: { readonly type: string }): boolean =>
  type === 'UserErased' || type === 'GroupErased' || type === 'ResourceErased';

/** How an event changes who belongs to whom. */
export const membershipEdges = (message: Message, resourceId: string): EdgeChange | undefined => {
  if (!isDirectoryEvent(message)) return undefined;
  switch (message.type) {
    case 'GroupMembersAdded':
      return {
        kind: 'added',
        source: resourceId,
        targets: message.data.members.map(({ value, type }) => ({ id: value, kind: type })),
      };
    case 'GroupMembersRemoved':
      return { kind: 'removed', source: resourceId, targetIds: message.data.members };
    case 'GroupDeleted':
      return { kind: 'source-gone', source: resourceId };
    case 'UserDeleted':
      return { kind: 'target-gone', targetId: resourceId };
    default:
      return undefined;
  }
};
