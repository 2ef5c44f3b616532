import { noFacts, type Decider, type StreamType } from '#event-sourcing';
import { prepareUserName } from '#scim';
import { userDecider, type UserCommand, type UserEvent, type UserState } from './user.js';
import { permittedEvents, type UserRules } from './user-rules.js';

/** A command with the rules of the tenant it is for; without any, as operators act. */
export type RuledUserCommand = UserCommand & { readonly rules?: UserRules };

/** The decider under the tenant's rules. */
export const ruledUserDecider: Decider<UserState, RuledUserCommand, UserEvent> = {
  ...userDecider,
  decide: (command, state) => {
    const events = userDecider.decide(command, state, undefined);
    return command.rules === undefined ? events : permittedEvents(events, state, command.rules);
  },
};

/** Raise it with any change of UserState or of how events fold into it: older snapshots are passed over then. */
export const USER_STATE_VERSION = 1;

/** Users in the log: each holds the claim on its prepared userName (RFC 7643 §4.1.1, RFC 8265). */
export const userStream: StreamType<UserState, RuledUserCommand, UserEvent> = {
  kind: 'user',
  decider: ruledUserDecider,
  stateVersion: USER_STATE_VERSION,
  facts: noFacts,
  claims: (state) =>
    state.status === 'present' ? [{ kind: 'username', value: prepareUserName(userNameOf(state)) }] : [],
  isClosed: (state) => state.status === 'deleted',
};

const userNameOf = (user: { readonly attributes: Readonly<Record<string, unknown>> }): string => {
  const userName = user.attributes['userName'];
  return typeof userName === 'string' ? userName : '';
};
