import { foldOne, type Folded, type ReadableStreamType, type Recorded } from '#event-sourcing';
import { isDirectoryEvent, type DirectoryEvent } from '../directory-events.js';
import { groupDecider, type GroupEvent, type GroupState } from '../group/group.js';
import { GROUP_STATE_VERSION } from '../group/group-stream.js';
import { resourceDecider, type ResourceEvent, type ResourceState } from '../resource/resource.js';
import { RESOURCE_STATE_VERSION } from '../resource/resource-stream.js';
import { userDecider, type UserEvent, type UserState } from '../user/user.js';
import { USER_STATE_VERSION } from '../user/user-stream.js';

export const resourceKinds = ['user', 'group', 'resource'] as const;
export type ResourceKind = (typeof resourceKinds)[number];
export type AnyState = UserState | GroupState | ResourceState;

interface Evolver {
  readonly initialState: () => AnyState;
  readonly evolve: (state: AnyState, event: DirectoryEvent) => AnyState;
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
  resource: {
    initialState: resourceDecider.initialState,
    evolve: (state, event) => resourceDecider.evolve(state as ResourceState, event as ResourceEvent),
  },
};

const stateVersions: Readonly<Record<ResourceKind, number>> = {
  user: USER_STATE_VERSION,
  group: GROUP_STATE_VERSION,
  resource: RESOURCE_STATE_VERSION,
};

/** For folding from the stream, with the snapshots that commands use. */
export const readableResource = (kind: ResourceKind): ReadableStreamType<AnyState, DirectoryEvent> => ({
  kind,
  decider: evolvers[kind],
  stateVersion: stateVersions[kind],
});

/** Goes past events that this release does not know. */
export const foldResource = (kind: ResourceKind, before: Folded<AnyState>, recorded: Recorded): Folded<AnyState> => {
  const { event, revision, time } = recorded;
  if (!isDirectoryEvent(event)) return { ...before, revision };
  return foldOne(evolvers[kind], before, { event, revision, time });
};
