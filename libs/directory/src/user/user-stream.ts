import { noFacts, type StreamType } from '#event-sourcing';
import { prepareUserName } from '#scim';
import { userDecider, type UserCommand, type UserEvent, type UserState } from './user.js';

/** Users in the log: each holds the claim on its prepared userName (RFC 7643 §4.1.1, RFC 8265). */
export const userStream: StreamType<UserState, UserCommand, UserEvent> = {
  kind: 'user',
  decider: userDecider,
  facts: noFacts,
  claims: (state) =>
    state.status === 'present' ? [{ kind: 'username', value: prepareUserName(userNameOf(state)) }] : [],
  isClosed: (state) => state.status === 'deleted',
};

const userNameOf = (user: { readonly attributes: Readonly<Record<string, unknown>> }): string => {
  const userName = user.attributes['userName'];
  return typeof userName === 'string' ? userName : '';
};
