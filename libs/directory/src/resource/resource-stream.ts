import { noFacts, type StreamType } from '#event-sourcing';
import { resourceDecider, type ResourceCommand, type ResourceEvent, type ResourceState } from './resource.js';
import { claimsOn } from './unique-attributes.js';

/** Raise it with any change of ResourceState or of how events fold into it: older snapshots are passed over then. */
export const RESOURCE_STATE_VERSION = 1;

/** Resources of a tenant's own types in the log: each holds the claims on what its schema wants unique. */
export const resourceStream: StreamType<ResourceState, ResourceCommand, ResourceEvent> = {
  kind: 'resource',
  decider: resourceDecider,
  stateVersion: RESOURCE_STATE_VERSION,
  facts: noFacts,
  claims: (state) =>
    state.status === 'present' ? claimsOn(state.unique, state.attributes, state.type.resourceType) : [],
  isClosed: (state) => state.status === 'deleted',
};
