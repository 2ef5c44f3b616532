import {
  streamName,
  type Claim,
  type EdgeIndex,
  type EdgeTarget,
  type EventLog,
  type FactSource,
  type StreamType,
} from '#event-sourcing';
import { fold, type MemberOperation } from '#scim';
import type { GroupCommand, GroupEvent, GroupState } from './group.js';
import { ruledGroupDecider, type RuledGroupCommand } from './group-rules.js';
import type { GroupFacts } from './members.js';

const PAGE = 10_000;

/** Raise it with any change of GroupState or of how events fold into it: older snapshots are passed over then. */
export const GROUP_STATE_VERSION = 1;

/** Groups in the log. Members come from the edge index, and those added must still exist when the events are appended. */
export const groupStream = (
  log: Pick<EventLog, 'positions'>,
  edges: Pick<EdgeIndex, 'among' | 'targets'>,
): StreamType<GroupState, RuledGroupCommand, GroupEvent, GroupFacts> => ({
  kind: 'group',
  decider: ruledGroupDecider,
  stateVersion: GROUP_STATE_VERSION,
  facts: groupFacts(log, edges),
  claims: claimsOfGroup,
  isClosed: (state) => state.status === 'deleted',
});

/** The name, where it was given while names had to be unique. */
export const claimsOfGroup = (state: GroupState): readonly Claim[] => {
  if (state.status !== 'present' || state.uniqueName !== true) return [];
  const { displayName } = state.attributes;
  return typeof displayName === 'string' ? [{ kind: 'displayname', value: fold(displayName) }] : [];
};

const groupFacts = (
  log: Pick<EventLog, 'positions'>,
  edges: Pick<EdgeIndex, 'among' | 'targets'>,
): FactSource<GroupCommand, GroupEvent, GroupFacts> => ({
  async load(tenantId, groupId, commands) {
    const operations = commands.flatMap(memberOperations);
    const complete = commands.some(concernsAllMembers);
    const touched = [...new Set(operations.flatMap(named))];
    const members = complete
      ? await allTargets(edges, tenantId, groupId)
      : new Set(touched.length === 0 ? [] : await edges.among(tenantId, groupId, touched));
    const existing = await existingAmong(log, tenantId, inNeedOfProof(commands, members));
    return { groupId, members, complete, existing };
  },

  follow(facts, event) {
    if (event.type === 'GroupMembersAdded') for (const { value } of event.data.members) facts.members.add(value);
    if (event.type === 'GroupMembersRemoved') for (const id of event.data.members) facts.members.delete(id);
    return facts;
  },

  guards: (tenantId, events) =>
    events.flatMap((event) =>
      event.type === 'GroupMembersAdded'
        ? event.data.members.map(({ value, type }) => ({ tenantId, streamName: memberStream(tenantId, value, type) }))
        : [],
    ),
});

const memberOperations = (command: GroupCommand): readonly MemberOperation[] => {
  switch (command.type) {
    case 'CreateGroup':
    case 'ReplaceGroup':
      return [command.data.members];
    case 'PatchGroup':
      return command.data.members;
    case 'DeleteGroup':
    case 'EraseGroup':
    case 'RecordMemberLoss':
      return [];
  }
};

/** Those added who are no members at that point: also members that an earlier command of the batch may have removed. */
const inNeedOfProof = (commands: readonly GroupCommand[], members: ReadonlySet<string>): readonly string[] => {
  const inNeed = new Set<string>();
  const left = new Set<string>();
  let anyMayHaveLeft = false;
  for (const operations of commands.map(memberOperations)) {
    for (const id of operations.flatMap(added)) if (anyMayHaveLeft || left.has(id) || !members.has(id)) inNeed.add(id);
    for (const operation of operations) {
      if (operation.kind === 'remove') for (const id of operation.values) left.add(id);
      if (operation.kind === 'replace' || operation.kind === 'remove-all') anyMayHaveLeft = true;
    }
  }
  return [...inNeed];
};

const concernsAllMembers = (command: GroupCommand): boolean =>
  command.type !== 'CreateGroup' && // a new group has none
  memberOperations(command).some(({ kind }) => kind === 'replace' || kind === 'remove-all');

const added = (operation: MemberOperation): readonly string[] =>
  operation.kind === 'add' || operation.kind === 'replace' ? operation.members.map(({ value }) => value) : [];

const named = (operation: MemberOperation): readonly string[] =>
  operation.kind === 'remove' ? operation.values : added(operation);

const memberStream = (tenantId: string, id: string, kind: EdgeTarget['kind']): string =>
  streamName(kind === 'User' ? 'user' : 'group', tenantId, id);

const allTargets = async (
  edges: Pick<EdgeIndex, 'targets'>,
  tenantId: string,
  groupId: string,
): Promise<Set<string>> => {
  const ids = new Set<string>();
  let after: string | undefined;
  do {
    const page = await edges.targets(tenantId, groupId, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    for (const { id } of page.targets) ids.add(id);
    after = page.next;
  } while (after !== undefined);
  return ids;
};

/** A member names only an id: look for a user and for a group of that id. */
const existingAmong = async (
  log: Pick<EventLog, 'positions'>,
  tenantId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, EdgeTarget['kind']>> => {
  const existing = new Map<string, EdgeTarget['kind']>();
  if (ids.length === 0) return existing;
  const kinds = ['User', 'Group'] as const;
  const names = new Map(
    ids.flatMap((id) => kinds.map((kind) => [memberStream(tenantId, id, kind), { id, kind }] as const)),
  );
  for (const [name, { open }] of await log.positions(tenantId, [...names.keys()])) {
    const target = names.get(name);
    if (open && target !== undefined) existing.set(target.id, target.kind);
  }
  return existing;
};
