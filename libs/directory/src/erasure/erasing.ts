import { DomainError } from '#event-sourcing';
import { OperatorRefusal } from '../operator-refusal.js';

type Erasable = Readonly<{ status: 'absent' } | { status: 'present' } | { status: 'deleted'; erased?: true }>;

/**
 * The events that erase a resource: allowed of a deleted one; with `force` a live one is deleted first. Erasing twice changes nothing. Errors:
 * DomainError `resource-not-found`, OperatorRefusal `resource-not-deleted`.
 */
export const erasing = <Event>(
  state: Erasable,
  force: boolean,
  { noun, deleted, erased }: { readonly noun: string; readonly deleted: Event; readonly erased: Event },
): readonly Event[] => {
  if (state.status === 'absent') throw new DomainError('resource-not-found', `There is no ${noun} with this id.`);
  if (state.status === 'deleted') return state.erased === true ? [] : [erased];
  if (force) return [deleted, erased];
  throw new OperatorRefusal(
    'resource-not-deleted',
    `The ${noun} is not deleted: delete it first, or send {"force":true} to delete and erase it at once.`,
  );
};
