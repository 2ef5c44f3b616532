import { directoryEvents, isDirectoryEvent, type DirectoryEvent } from '#directory';
import { parseStreamName, type Message, type Recorded } from '#event-sourcing';
import type { ControlEvent } from '#tenancy';
import type { DirectoryBatch } from './directory-batch.js';
import type { Handlers } from './handlers.js';
import { ProjectionFault } from './projection-fault.js';

export interface Projection<Event extends Message, Batch> {
  /** Checkpoints are kept under it: it never changes between releases. */
  readonly name: string;
  /** A new shape is a new version: it fills the next generation while the live one still serves. */
  readonly version: number;
  readonly on: Handlers<Event, Batch>;
}

/** Users, groups, memberships and resources of the tenant's own types as they stand: one projection, because a question about one of them sees the others. */
export const directoryProjection: Projection<DirectoryEvent, DirectoryBatch> = {
  name: 'directory',
  version: 1,
  on: {
    UserCreated: (recorded, { users }) => users.fold(recorded),
    UserAttributesChanged: (recorded, { users }) => users.fold(recorded),
    UserDeactivated: (recorded, { users }) => users.fold(recorded),
    UserReactivated: (recorded, { users }) => users.fold(recorded),
    UserDeleted: (recorded, { users, memberships }) => {
      users.fold(recorded);
      memberships.memberGone(recorded.resourceId);
    },
    UserErased: (recorded, { users, memberships }) => {
      users.fold(recorded);
      memberships.memberGone(recorded.resourceId);
    },
    GroupCreated: (recorded, { groups }) => groups.fold(recorded),
    GroupAttributesChanged: (recorded, { groups }) => groups.fold(recorded),
    GroupMembersAdded: (recorded, { groups, memberships }) => {
      groups.fold(recorded); // its revision and lastModified move
      memberships.add(recorded.resourceId, recorded.event.data.members);
    },
    GroupMembersRemoved: (recorded, { groups, memberships }) => {
      groups.fold(recorded);
      memberships.remove(recorded.resourceId, recorded.event.data.members);
    },
    GroupErased: (recorded, { groups }) => groups.fold(recorded),
    GroupDeleted: (recorded, { groups, memberships }) => {
      groups.fold(recorded);
      memberships.groupGone(recorded.resourceId);
    },
    ResourceCreated: (recorded, { resources }) => resources.fold(recorded),
    ResourceAttributesChanged: (recorded, { resources }) => resources.fold(recorded),
    ResourceDeleted: (recorded, { resources }) => resources.fold(recorded),
    ResourceErased: (recorded, { resources }) => resources.fold(recorded),
  },
};

/**
 * Applies one recorded event to the batch. Claims say nothing about the directory, control events no more than what is to be indexed. Throws a
 * ProjectionFault for an event of a resource that this release does not know: skipping it would leave the read model silently wrong.
 */
export const applyEvent = (recorded: Recorded, batch: DirectoryBatch): void => {
  const { kind } = parseStreamName(recorded.streamName);
  if (kind === 'control' && isSettingsChange(recorded.event))
    batch.wantedIndexes = recorded.event.data.settings.indexedAttributes ?? [];
  if (kind === 'claim' || kind === 'control') return;
  if (
    !isRecordedDirectoryEvent(recorded) ||
    recorded.schemaVersion > directoryEvents[recorded.event.type].schemaVersion
  )
    throw new ProjectionFault(
      'unknown-event',
      'The event is of a type, or a version of it, that this release does not know.',
    );
  const handle = directoryProjection.on[recorded.event.type] as (
    one: Recorded<DirectoryEvent>,
    to: DirectoryBatch,
  ) => void;
  handle(recorded, batch);
};

const isSettingsChange = (event: Message): event is Extract<ControlEvent, { type: 'TenantSettingsChanged' }> =>
  event.type === 'TenantSettingsChanged';

const isRecordedDirectoryEvent = (recorded: Recorded): recorded is Recorded<DirectoryEvent> =>
  isDirectoryEvent(recorded.event);
