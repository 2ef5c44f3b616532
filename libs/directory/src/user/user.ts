import { DomainError, type Decider, type Message } from '#event-sourcing';
import {
  applyDiff,
  applyUserPatch,
  diffAttributes,
  keepImmutable,
  type AttributeDiff,
  type Attributes,
  type PatchOperation,
  type PatchOptions,
  type ResourceSchema,
} from '#scim';
import { erasing } from '../erasure/erasing.js';

/** What a client may write, save for `active`: access has events of its own. Extensions stand under their URN. */
export type UserData = Readonly<{ attributes: Attributes; active: boolean }>;

export type UserCommand =
  | Message<'CreateUser', UserData>
  /** PUT: `active` undefined keeps it, so that a body that lost it suspends nobody (R82, C-O6). */
  | Message<'ReplaceUser', { attributes: Attributes; active: boolean | undefined; schema: ResourceSchema }>
  | Message<'PatchUser', { operations: readonly PatchOperation[]; schema: ResourceSchema; options?: PatchOptions }>
  | Message<'DeleteUser'>
  /** Allowed of a deleted user; with `force` a live one is deleted first. */
  | Message<'EraseUser', { force: boolean }>;

export type UserEvent =
  | Message<'UserCreated', UserData>
  /** `changed`: path → new value, null when unassigned; `paths`: the same paths in the clear, for audit after erasure. */
  | Message<'UserAttributesChanged', { changed: AttributeDiff; paths: readonly string[] }>
  | Message<'UserDeactivated'>
  | Message<'UserReactivated'>
  | Message<'UserDeleted'>
  /** The subject's key is destroyed. */
  | Message<'UserErased'>;

export type UserState = Readonly<
  { status: 'absent' } | ({ status: 'present' } & UserData) | { status: 'deleted'; erased?: true }
>;

const decide = (command: UserCommand, state: UserState): readonly UserEvent[] => {
  switch (command.type) {
    case 'CreateUser':
      if (state.status !== 'absent') throw new DomainError('resource-already-exists', 'This user id is taken.');
      return [{ type: 'UserCreated', data: command.data }];
    case 'ReplaceUser': {
      const user = present(state);
      const { attributes, active = user.active, schema } = command.data;
      return changes(user, { attributes: keepImmutable(user.attributes, attributes, schema), active });
    }
    case 'PatchUser': {
      const user = present(state);
      const { operations, schema, options } = command.data;
      return changes(user, applyUserPatch(user, operations, schema, options));
    }
    case 'DeleteUser':
      present(state);
      return [{ type: 'UserDeleted', data: {} }];
    case 'EraseUser':
      return erasing<UserEvent>(state, command.data.force, erasure);
  }
};

const erasure = {
  noun: 'user',
  deleted: { type: 'UserDeleted', data: {} },
  erased: { type: 'UserErased', data: {} },
} as const;

/** The facts that lead from one to the other. Losing access is a fact of its own, not a column among others. */
const changes = (before: UserData, after: UserData): readonly UserEvent[] => {
  const events: UserEvent[] = [];
  const changed = diffAttributes(before.attributes, after.attributes);
  const paths = Object.keys(changed);
  if (paths.length > 0) events.push({ type: 'UserAttributesChanged', data: { changed, paths } });
  if (after.active !== before.active)
    events.push({ type: after.active ? 'UserReactivated' : 'UserDeactivated', data: {} });
  return events;
};

const evolve = (state: UserState, event: UserEvent): UserState => {
  switch (event.type) {
    case 'UserCreated':
      return { status: 'present', attributes: event.data.attributes, active: event.data.active };
    case 'UserAttributesChanged':
      if (state.status !== 'present') return state;
      return { ...state, attributes: applyDiff(state.attributes, event.data.changed) };
    case 'UserDeactivated':
      return state.status === 'present' ? { ...state, active: false } : state;
    case 'UserReactivated':
      return state.status === 'present' ? { ...state, active: true } : state;
    case 'UserDeleted':
      return state.status === 'deleted' ? state : { status: 'deleted' };
    case 'UserErased':
      return { status: 'deleted', erased: true };
    default:
      event satisfies never; // a new event breaks the build here, yet an old binary folds past it
      return state;
  }
};

const present = (state: UserState): UserData => {
  if (state.status !== 'present') throw new DomainError('resource-not-found', 'There is no user with this id.');
  return state;
};

export const userDecider: Decider<UserState, UserCommand, UserEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
