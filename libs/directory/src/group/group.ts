import { DomainError, type Decider, type Message } from '#event-sourcing';
import {
  applyDiff,
  applyPatch,
  diffAttributes,
  keepImmutable,
  type AttributeDiff,
  type Attributes,
  type MemberOperation,
  type PatchOperation,
  type PatchOptions,
  type ResourceSchema,
} from '#scim';
import { erasing } from '../erasure/erasing.js';
import { memberChanges, type GroupFacts, type MemberEvent, type MemberLossCause } from './members.js';

type GroupData = Readonly<{ attributes: Attributes }>;

export type GroupCommand =
  | Message<'CreateGroup', { attributes: Attributes; members: MemberOperation & { kind: 'replace' } }>
  | Message<
      'ReplaceGroup',
      { attributes: Attributes; members: MemberOperation & { kind: 'replace' }; schema: ResourceSchema }
    >
  | Message<
      'PatchGroup',
      {
        operations: readonly PatchOperation[];
        members: readonly MemberOperation[];
        schema: ResourceSchema;
        options?: PatchOptions;
      }
    >
  | Message<'DeleteGroup'>
  /** Allowed of a deleted group; with `force` a live one is deleted first. */
  | Message<'EraseGroup', { force: boolean }>
  /** A member was deleted: record in the group's own stream what took place already. */
  | Message<'RecordMemberLoss', { member: string; cause: MemberLossCause }>;

export type GroupEvent =
  /** `uniqueName`: the tenant asked that no two groups have one displayName, and this one's was claimed. */
  | Message<'GroupCreated', GroupData & { uniqueName?: true }>
  | Message<'GroupAttributesChanged', { changed: AttributeDiff; paths: readonly string[]; uniqueName?: true }>
  | MemberEvent
  | Message<'GroupDeleted'>
  /** The group's key is destroyed. */
  | Message<'GroupErased'>;

/** Members are not part of it: they are edges (DESIGN §4, large groups). */
export type GroupState = Readonly<
  { status: 'absent' } | ({ status: 'present'; uniqueName?: true } & GroupData) | { status: 'deleted'; erased?: true }
>;

const decide = (command: GroupCommand, state: GroupState, facts: GroupFacts): readonly GroupEvent[] => {
  switch (command.type) {
    case 'CreateGroup':
      if (state.status !== 'absent') throw new DomainError('resource-already-exists', 'This group id is taken.');
      return [
        { type: 'GroupCreated', data: { attributes: command.data.attributes } },
        ...memberChanges([command.data.members], facts),
      ];
    case 'ReplaceGroup': {
      const group = present(state);
      const { attributes, members, schema } = command.data;
      return [
        ...attributeChanges(group, keepImmutable(group.attributes, attributes, schema)),
        ...memberChanges([members], facts),
      ];
    }
    case 'PatchGroup': {
      const group = present(state);
      const { operations, members, schema, options } = command.data;
      return [
        ...attributeChanges(group, applyPatch(group.attributes, operations, schema, options).attributes),
        ...memberChanges(members, facts),
      ];
    }
    case 'DeleteGroup':
      present(state);
      return [{ type: 'GroupDeleted', data: {} }];
    case 'EraseGroup':
      return erasing<GroupEvent>(state, command.data.force, erasure);
    case 'RecordMemberLoss':
      if (state.status !== 'present') return []; // the group went first, and its tombstones with it
      return [{ type: 'GroupMembersRemoved', data: { members: [command.data.member], cause: command.data.cause } }];
  }
};

const erasure = {
  noun: 'group',
  deleted: { type: 'GroupDeleted', data: {} },
  erased: { type: 'GroupErased', data: {} },
} as const;

const attributeChanges = (before: GroupData, attributes: Attributes): readonly GroupEvent[] => {
  const changed = diffAttributes(before.attributes, attributes);
  const paths = Object.keys(changed);
  return paths.length === 0 ? [] : [{ type: 'GroupAttributesChanged', data: { changed, paths } }];
};

const evolve = (state: GroupState, event: GroupEvent): GroupState => {
  switch (event.type) {
    case 'GroupCreated':
      return { status: 'present', attributes: event.data.attributes, ...uniqueNameOf(event.data) };
    case 'GroupAttributesChanged':
      if (state.status !== 'present') return state;
      return {
        status: 'present',
        attributes: applyDiff(state.attributes, event.data.changed),
        ...uniqueNameOf(event.data.paths.includes(NAME) ? event.data : state),
      };
    case 'GroupMembersAdded':
    case 'GroupMembersRemoved':
      return state;
    case 'GroupDeleted':
      return state.status === 'deleted' ? state : { status: 'deleted' };
    case 'GroupErased':
      return { status: 'deleted', erased: true };
    default:
      event satisfies never; // a new event breaks the build here, yet an old binary folds past it
      return state;
  }
};

const NAME = 'displayName';

const uniqueNameOf = ({ uniqueName }: { readonly uniqueName?: true }) => (uniqueName === true ? { uniqueName } : {});

const present = (state: GroupState): GroupData => {
  if (state.status !== 'present') throw new DomainError('resource-not-found', 'There is no group with this id.');
  return state;
};

export const groupDecider: Decider<GroupState, GroupCommand, GroupEvent, GroupFacts> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
