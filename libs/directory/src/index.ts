export { userDecider, type UserCommand, type UserData, type UserEvent, type UserState } from './user/user.js';
export { userStream, type RuledUserCommand } from './user/user-stream.js';
export {
  deletions,
  ResourceErasure,
  type ErasureRequest,
  type SubjectKeyDestroyer,
} from './erasure/resource-erasure.js';
export type { UserRules } from './user/user-rules.js';
export { groupDecider, type GroupCommand, type GroupEvent, type GroupState } from './group/group.js';
export { MEMBERS_PER_EVENT, type GroupFacts, type Member, type MemberLossCause } from './group/members.js';
export { groupStream } from './group/group-stream.js';
export type { GroupRules, RuledGroupCommand } from './group/group-rules.js';
export {
  resourceDecider,
  type ResourceCommand,
  type ResourceEvent,
  type ResourceState,
  type TypeOfResource,
} from './resource/resource.js';
export { resourceStream } from './resource/resource-stream.js';
export {
  directoryEvents,
  isDirectoryEvent,
  isErasure,
  membershipEdges,
  type ClaimEvent,
  type DirectoryEvent,
} from './directory-events.js';
export { OperatorRefusal, type OperatorRefusalCode } from './operator-refusal.js';
export { AuditTrail, type AuditEntry, type AuditFilter, type AuditPage } from './history/audit-trail.js';
export type { HistoryEntry, PathChange } from './history/history-entry.js';
export {
  ResourceHistory,
  type HistoryPage,
  type MembersPlace,
  type PastMembers,
  type PastMembersRequest,
  type PastResource,
  type SubjectKeyCache,
} from './history/resource-history.js';
export type { ResourceKind } from './history/resource-fold.js';
