import {
  groupDecider,
  resourceDecider,
  userDecider,
  type GroupEvent,
  type GroupState,
  type ResourceEvent,
  type ResourceState,
  type UserEvent,
  type UserState,
} from '#directory';
import { MembershipChanges } from './membership-changes.js';
import { ResourceFolds } from './resource-folds.js';

/** What a batch of one tenant's events comes to, folded in memory and written in one statement. */
export class DirectoryBatch {
  readonly users = new ResourceFolds<UserState, UserEvent>(userDecider);
  readonly groups = new ResourceFolds<GroupState, GroupEvent>(groupDecider);
  readonly resources = new ResourceFolds<ResourceState, ResourceEvent>(resourceDecider);
  readonly memberships = new MembershipChanges();
  /** Paths of the attributes that the tenant wants indexed; undefined when the batch says nothing of it. */
  wantedIndexes: readonly string[] | undefined;
}
