import type { EventMetadata, Recorded } from '#event-sourcing';
import { diffAttributes, type Attributes, type ScimValue } from '#scim';
import { directoryEvents, isDirectoryEvent, type DirectoryEvent } from '../directory-events.js';
import type { Member } from '../group/members.js';
import { changedPaths } from './audit-trail.js';
import type { AnyState } from './resource-fold.js';

/** What one path said before and says after; null where there is no value. */
export interface PathChange {
  readonly path: string;
  readonly before: ScimValue | null;
  readonly after: ScimValue | null;
}

/** One event of a resource, as people read it. */
export interface HistoryEntry {
  readonly eventId: string;
  readonly sequence: number;
  readonly revision: number;
  readonly time: Date;
  readonly type: string;
  readonly metadata: EventMetadata;
  /** The paths that changed. Of an erased creation none is known. */
  readonly paths: readonly string[];
  /** With values, in the order of `paths`; undefined where the values were erased. */
  readonly changes: readonly PathChange[] | undefined;
  /** Of a group's event about members. */
  readonly added: readonly Member[];
  readonly removed: readonly string[];
  /** The values can be read no more. */
  readonly erased: boolean;
}

/** An event between the states around it. `isErased`: the resource is erased, whether its key is gone already or not. */
export const historyEntry = (
  before: AnyState,
  recorded: Recorded,
  after: AnyState,
  isErased: boolean,
): HistoryEntry => {
  const { eventId, sequence, revision, time, metadata, event } = recorded;
  const erased = recorded.erased || (isErased && isDirectoryEvent(event) && isSealed(event));
  const changes = isMembership(event) || after.status !== 'present' ? [] : pathChanges(before, after);
  return {
    eventId,
    sequence,
    revision,
    time,
    type: event.type,
    metadata,
    paths: erased || changes.length === 0 ? changedPaths(event) : changes.map(({ path }) => path),
    changes: erased ? undefined : changes,
    added: isDirectoryEvent(event) && event.type === 'GroupMembersAdded' ? event.data.members : [],
    removed: isDirectoryEvent(event) && event.type === 'GroupMembersRemoved' ? event.data.members : [],
    erased,
  };
};

const isSealed = ({ type }: DirectoryEvent): boolean => Object.keys(directoryEvents[type].sealed).length > 0;

const isMembership = ({ type }: Recorded['event']): boolean =>
  type === 'GroupMembersAdded' || type === 'GroupMembersRemoved';

const pathChanges = (before: AnyState, after: AnyState): readonly PathChange[] => {
  const [former, latter] = [documentOf(before), documentOf(after)];
  const there = diffAttributes(former, latter);
  const back = diffAttributes(latter, former);
  return Object.keys(there).map((path) => ({ path, before: back[path] ?? null, after: there[path] ?? null }));
};

/** `active` is an attribute to those who read, though access has events of its own. */
const documentOf = (state: AnyState): Attributes =>
  state.status === 'present' ? { ...state.attributes, ...('active' in state ? { active: state.active } : {}) } : {};
