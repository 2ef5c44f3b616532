import { DomainError, type EdgeTarget, type Message } from '#event-sourcing';
import type { MemberOperation } from '#scim';

/** So that no event outgrows the log or Kafka. */
export const MEMBERS_PER_EVENT = 500;

export type Member = Readonly<{ value: string; type: EdgeTarget['kind'] }>;
export type MemberLossCause = Readonly<{ kind: 'member-deleted'; eventId: string }>;

/** At most MEMBERS_PER_EVENT members an event. */
export type MemberEvent =
  | Message<'GroupMembersAdded', { members: readonly Member[] }>
  | Message<'GroupMembersRemoved', { members: readonly string[]; cause?: MemberLossCause }>;

/** What a decision about members must know: work in the size of the request, unless the request speaks of all members. */
export interface GroupFacts {
  readonly groupId: string;
  /** Present members among those the commands name; all of them when `complete`. */
  readonly members: Set<string>;
  readonly complete: boolean;
  /** The resources named as new members that exist now, with their kind. */
  readonly existing: ReadonlyMap<string, EdgeTarget['kind']>;
}

/**
 * The events that bring the members from what they are to what the operations, in order, make of them. Adding a member and removing a
 * non-member change nothing when already so (RFC 7644 §3.5.2). Throws DomainError `unknown-member` and `member-of-itself`.
 */
export const memberChanges = (operations: readonly MemberOperation[], facts: GroupFacts): readonly MemberEvent[] => {
  const after = new Map<string, boolean>(); // only what the operations touch; everything else stays as it is
  for (const operation of operations) applyOperation(operation, facts, after);
  const removed: string[] = [];
  const added: string[] = [];
  for (const [id, isMember] of after) {
    if (isMember && !facts.members.has(id)) added.push(id);
    if (!isMember && facts.members.has(id)) removed.push(id);
  }
  return [
    ...chunks(removed).map((members): MemberEvent => ({ type: 'GroupMembersRemoved', data: { members } })),
    ...chunks(added).map((ids): MemberEvent => ({
      type: 'GroupMembersAdded',
      data: { members: ids.map((value) => ({ value, type: facts.existing.get(value) ?? 'User' })) },
    })),
  ];
};

const applyOperation = (operation: MemberOperation, facts: GroupFacts, after: Map<string, boolean>): void => {
  switch (operation.kind) {
    case 'add':
      return add(operation.members, facts, after);
    case 'remove':
      for (const id of operation.values) after.set(id, false);
      return;
    case 'replace':
      clear(facts, after);
      return add(operation.members, facts, after);
    case 'remove-all':
      return clear(facts, after);
  }
};

const add = (members: readonly { readonly value: string }[], facts: GroupFacts, after: Map<string, boolean>): void => {
  for (const { value } of members) {
    if (value === facts.groupId) throw new DomainError('member-of-itself', 'A group cannot be a member of itself.');
    // A present member needs no proof of existence: a replace may name 100,000 of them.
    if (!facts.existing.has(value) && !facts.members.has(value))
      throw new DomainError('unknown-member', `There is no user or group with the id '${value}' to add to 'members'.`);
    after.set(value, true);
  }
};

const clear = (facts: GroupFacts, after: Map<string, boolean>): void => {
  for (const id of after.keys()) after.set(id, false);
  for (const id of facts.members) after.set(id, false);
};

const chunks = (ids: readonly string[]): readonly (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / MEMBERS_PER_EVENT) }, (_, i) =>
    ids.slice(i * MEMBERS_PER_EVENT, (i + 1) * MEMBERS_PER_EVENT),
  );
