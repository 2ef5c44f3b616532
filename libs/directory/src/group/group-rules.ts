import type { Decider } from '#event-sourcing';
import { groupDecider, type GroupCommand, type GroupEvent, type GroupState } from './group.js';
import type { GroupFacts } from './members.js';

/** What a tenant asks of its groups. */
export interface GroupRules {
  readonly displayNameUnique: boolean;
}

/** A command with the rules of the tenant it is for. */
export type RuledGroupCommand = GroupCommand & { readonly rules?: GroupRules };

/**
 * The decider under the tenant's rules: a name given while names must be unique is marked, so that the group holds a claim on it exactly as
 * long as it has that name, whatever becomes of the setting.
 */
export const ruledGroupDecider: Decider<GroupState, RuledGroupCommand, GroupEvent, GroupFacts> = {
  ...groupDecider,
  decide: (command, state, facts) => {
    const events = groupDecider.decide(command, state, facts);
    return command.rules?.displayNameUnique === true ? events.map(marked) : events;
  },
};

const marked = (event: GroupEvent): GroupEvent => {
  if (event.type === 'GroupCreated') return { ...event, data: { ...event.data, uniqueName: true } };
  if (event.type === 'GroupAttributesChanged' && event.data.paths.includes('displayName'))
    return { ...event, data: { ...event.data, uniqueName: true } };
  return event;
};
