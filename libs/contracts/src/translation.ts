import type { DirectoryEvent } from '#directory';
import type { EdgeTarget, Recorded } from '#event-sourcing';
import type { Attributes } from '#scim';
import { changeTypeOf, type ChangeType } from './change-types.js';
import { cloudEventHeaders, membershipKey, resourceKey } from './cloud-event.js';
import type { ChangePayloads, Membership, PublicResource } from './payloads.js';
import { groupType, ownType, userType, type PublicType } from './public-type.js';
import type { PublicTopic } from './topics.js';

/** A record of the public contract, before a topic prefix and a partition are chosen. A null value deletes the key. */
export interface PublicRecord {
  readonly topic: PublicTopic;
  readonly key: string;
  readonly value: object | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** A resource folded to the revision of the event. */
export interface ResourceState {
  readonly attributes: Attributes;
  /** Of users only. */
  readonly active?: boolean;
  readonly createdAt: Date;
}

type OfType<T extends DirectoryEvent['type']> = Recorded<Extract<DirectoryEvent, { type: T }>>;
type Translators = {
  readonly [T in DirectoryEvent['type']]: (
    recorded: OfType<T>,
    state: ResourceState | undefined,
  ) => readonly PublicRecord[];
};

/**
 * Turns an event of the log into the records that say it in public. Takes the resource as of that event, or undefined where it is deleted
 * or its subject was erased. Of a deleted group, the ends of its memberships come from `endedMemberships`, page by page.
 */
export const translate = (
  recorded: Recorded<DirectoryEvent>,
  state: ResourceState | undefined,
): readonly PublicRecord[] => {
  const translator = translators[recorded.event.type];
  return translator(recorded as never, state); // the table pairs each type with its own translator; the compiler cannot follow a lookup
};

/** The tombstones of these members of a deleted group. */
export const endedMemberships = (
  recorded: OfType<'GroupDeleted'>,
  members: readonly EdgeTarget[],
): readonly PublicRecord[] => members.map(({ id }) => membership(recorded, 'group.deleted', id, null));

const translators: Translators = {
  UserCreated: (recorded, state) => [
    change(recorded, userType, 'user.created', created(recorded, userType, state)),
    resource(recorded, userType, state),
  ],
  UserAttributesChanged: (recorded, state) => [
    change(recorded, userType, 'user.updated', updated(recorded)),
    resource(recorded, userType, state),
  ],
  UserDeactivated: (recorded, state) => [
    change(recorded, userType, 'user.deactivated', { id: recorded.resourceId }),
    resource(recorded, userType, state),
  ],
  UserReactivated: (recorded, state) => [
    change(recorded, userType, 'user.reactivated', { id: recorded.resourceId }),
    resource(recorded, userType, state),
  ],
  UserDeleted: (recorded) => [
    change(recorded, userType, 'user.deleted', { id: recorded.resourceId }),
    resource(recorded, userType, undefined),
  ],
  UserErased: (recorded) => [
    change(recorded, userType, 'user.erased', { id: recorded.resourceId }),
    resource(recorded, userType, undefined),
  ],
  GroupCreated: (recorded, state) => [
    change(recorded, groupType, 'group.created', created(recorded, groupType, state)),
    resource(recorded, groupType, state),
  ],
  GroupAttributesChanged: (recorded, state) => [
    change(recorded, groupType, 'group.updated', updated(recorded)),
    resource(recorded, groupType, state),
  ],
  GroupMembersAdded: (recorded, state) => {
    const { members } = recorded.event.data;
    return [
      change(recorded, groupType, 'group.members_added', { id: recorded.resourceId, members }),
      resource(recorded, groupType, state),
      ...members.map(({ value, type }) =>
        membership(recorded, 'group.members_added', value, { group: recorded.resourceId, member: value, type }),
      ),
    ];
  },
  GroupMembersRemoved: (recorded, state) => {
    const { members } = recorded.event.data;
    return [
      change(recorded, groupType, 'group.members_removed', { id: recorded.resourceId, ...recorded.event.data }),
      resource(recorded, groupType, state),
      ...members.map((member) => membership(recorded, 'group.members_removed', member, null)),
    ];
  },
  GroupDeleted: (recorded) => [
    change(recorded, groupType, 'group.deleted', { id: recorded.resourceId }),
    resource(recorded, groupType, undefined),
  ],
  GroupErased: (recorded) => [resource(recorded, groupType, undefined)],
  ResourceCreated: (recorded, state) => {
    const type = ownType(recorded.event.data);
    return [
      change(recorded, type, 'resource.created', created(recorded, type, state)),
      resource(recorded, type, state),
    ];
  },
  ResourceAttributesChanged: (recorded, state) => {
    const type = ownType(recorded.event.data);
    return [change(recorded, type, 'resource.updated', updated(recorded)), resource(recorded, type, state)];
  },
  ResourceDeleted: (recorded) => {
    const type = ownType(recorded.event.data);
    return [
      change(recorded, type, 'resource.deleted', { id: recorded.resourceId }),
      resource(recorded, type, undefined),
    ];
  },
  ResourceErased: (recorded) => {
    const type = ownType(recorded.event.data);
    return [
      change(recorded, type, 'resource.erased', { id: recorded.resourceId }),
      resource(recorded, type, undefined),
    ];
  },
};

const change = <Type extends ChangeType>(
  recorded: Recorded<DirectoryEvent>,
  resourceType: PublicType,
  type: Type,
  value: ChangePayloads[Type],
): PublicRecord => ({
  topic: 'changes',
  key: resourceKey(recorded.tenantId, resourceType.name, recorded.resourceId),
  value,
  headers: cloudEventHeaders(recorded, { type, endpoint: resourceType.endpoint, schema: type }),
});

const resource = (
  recorded: Recorded<DirectoryEvent>,
  resourceType: PublicType,
  state: ResourceState | undefined,
): PublicRecord => ({
  topic: resourceType.topic,
  key: resourceKey(recorded.tenantId, resourceType.name, recorded.resourceId),
  value: state === undefined ? null : toResource(recorded, resourceType, state),
  headers: cloudEventHeaders(recorded, {
    type: changeTypeOf[recorded.event.type],
    endpoint: resourceType.endpoint,
    schema: resourceType.contract,
  }),
});

const membership = (
  recorded: Recorded<DirectoryEvent>,
  type: ChangeType,
  memberId: string,
  value: Membership | null,
): PublicRecord => ({
  topic: 'memberships',
  key: membershipKey(recorded.tenantId, recorded.resourceId, memberId),
  value,
  headers: cloudEventHeaders(recorded, { type, endpoint: groupType.endpoint, schema: 'membership', part: memberId }),
});

const created = (recorded: Recorded<DirectoryEvent>, resourceType: PublicType, state: ResourceState | undefined) =>
  state === undefined ? { id: recorded.resourceId, erased: true as const } : toResource(recorded, resourceType, state);

type AttributesChanged = 'UserAttributesChanged' | 'GroupAttributesChanged' | 'ResourceAttributesChanged';

const updated = (recorded: Recorded<Extract<DirectoryEvent, { type: AttributesChanged }>>) => ({
  id: recorded.resourceId,
  paths: recorded.event.data.paths,
  changed: recorded.event.data.changed,
  ...(recorded.erased ? { erased: true as const } : {}),
});

/** `schemas` names an extension exactly when there is data of it (RFC 7643 §3.3). */
const toResource = (
  recorded: Recorded<DirectoryEvent>,
  resourceType: PublicType,
  { attributes, active, createdAt }: ResourceState,
): PublicResource => ({
  schemas: [resourceType.schema, ...Object.keys(attributes).filter((name) => name.startsWith('urn:'))],
  id: recorded.resourceId,
  ...attributes,
  ...(active === undefined ? {} : { active }),
  meta: {
    resourceType: resourceType.name,
    created: createdAt.toISOString(),
    lastModified: recorded.time.toISOString(),
    version: `W/"${recorded.revision}"`,
  },
});
