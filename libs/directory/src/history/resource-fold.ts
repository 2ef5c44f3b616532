import { foldOne, type Folded, type ReadableStreamType, type Recorded } from '#event-sourcing';
import { isDirectoryEvent, type DirectoryEvent } from '../directory-events.js';
import { groupDecider, type GroupEvent, type GroupState } from '../group/group.js';
import { GROUP_STATE_VERSION } from '../group/group-stream.js';
import { userDecider, type UserEvent, type UserState } from '../user/user.js';
import { USER_STATE_VERSION } from '../user/user-stream.js';

export type ResourceKind = 'user' | 'group';
export type ResourceState = UserState | GroupState;

interface Evolver {
  readonly initialState: () => ResourceState;
  readonly evolve: (state: ResourceState, event: DirectoryEvent) => ResourceState;
}

/** Each stream is folded by the decider of its kind alone, so that state and event always fit. */
const evolvers: Readonly<Record<ResourceKind, Evolver>> = {
  user: {
    initialState: userDecider.initialState,
    evolve: (state, event) => userDecider.evolve(state as UserState, event as UserEvent),
  },
  group: {
    initialState: groupDecider.initialState,
    evolve: (state, event) => groupDecider.evolve(state, event as GroupEvent),
  },
};

/** For folding from the stream, with the snapshots that commands use. */
export const readableResource = (kind: ResourceKind): ReadableStreamType<ResourceState, DirectoryEvent> => ({
  kind,
  decider: evolvers[kind],
  stateVersion: kind === 'user' ? USER_STATE_VERSION : GROUP_STATE_VERSION,
});

/** Goes past events that this release does not know. */
export const foldResource = (
  kind: ResourceKind,
  before: Folded<ResourceState>,
  recorded: Recorded,
): Folded<ResourceState> => {
  const { event, revision, time } = recorded;
  if (!isDirectoryEvent(event)) return { ...before, revision };
  return foldOne(evolvers[kind], before, { event, revision, time });
};
