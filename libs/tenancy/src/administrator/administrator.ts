import type { Decider, Message } from '#event-sourcing';
import { checkedExpiry } from '../checks.js';
import { TenancyError } from '../refusal.js';

type Who = Readonly<{ administratorId: string }>;

/** Who it is (address, name, password) is kept beside the log: commands and events know an administrator by an id. */
export type AdministratorCommand =
  | Message<'InviteAdministrator', Who & { expiresAt: string; at: string }>
  | Message<'ActivateAdministrator', Who>
  | Message<'ChangeAdministrator', Who & { enabled: boolean }>
  | Message<'SignInAdministrator', Who & { clientId: string }>;

export type AdministratorEvent =
  | Message<'AdministratorInvited', Who & { expiresAt: string }>
  | Message<'AdministratorActivated', Who>
  | Message<'AdministratorDisabled', Who>
  | Message<'AdministratorEnabled', Who>
  | Message<'AdministratorSignedIn', Who & { clientId: string }>;

/** `activated`: has chosen a password. */
export type AdministratorState = Readonly<
  { status: 'absent' } | { status: 'present'; activated: boolean; enabled: boolean }
>;

const decide = (command: AdministratorCommand, state: AdministratorState): readonly AdministratorEvent[] => {
  const { administratorId } = command.data;
  switch (command.type) {
    case 'InviteAdministrator': {
      const expiresAt = checkedExpiry(command.data.expiresAt, command.data.at);
      if (state.status === 'present') enabled(state);
      return [{ type: 'AdministratorInvited', data: { administratorId, expiresAt } }];
    }
    case 'ActivateAdministrator':
      enabled(state);
      return [{ type: 'AdministratorActivated', data: { administratorId } }];
    case 'ChangeAdministrator':
      if (present(state).enabled === command.data.enabled) return [];
      return [
        { type: command.data.enabled ? 'AdministratorEnabled' : 'AdministratorDisabled', data: { administratorId } },
      ];
    case 'SignInAdministrator':
      if (!enabled(state).activated)
        throw new TenancyError('administrator-not-found', 'The administrator has no password.');
      return [{ type: 'AdministratorSignedIn', data: { administratorId, clientId: command.data.clientId } }];
  }
};

const evolve = (state: AdministratorState, event: AdministratorEvent): AdministratorState => {
  switch (event.type) {
    case 'AdministratorInvited':
      return state.status === 'present' ? state : { status: 'present', activated: false, enabled: true };
    case 'AdministratorActivated':
      return changed(state, { activated: true });
    case 'AdministratorDisabled':
      return changed(state, { enabled: false });
    case 'AdministratorEnabled':
      return changed(state, { enabled: true });
    case 'AdministratorSignedIn':
      return state;
    default:
      event satisfies never;
      return state;
  }
};

type Present = Extract<AdministratorState, { status: 'present' }>;

const changed = (state: AdministratorState, change: Partial<Present>): AdministratorState =>
  state.status === 'present' ? { ...state, ...change } : state;

const present = (state: AdministratorState): Present => {
  if (state.status !== 'present')
    throw new TenancyError('administrator-not-found', 'The tenant has no such administrator.');
  return state;
};

const enabled = (state: AdministratorState): Present => {
  const administrator = present(state);
  if (!administrator.enabled)
    throw new TenancyError('administrator-disabled', 'The administrator is disabled; enable them first.');
  return administrator;
};

/** The rules of one tenant administrator: invited by a link as often as need be, active with a password, disabled and enabled again. */
export const administratorDecider: Decider<AdministratorState, AdministratorCommand, AdministratorEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
