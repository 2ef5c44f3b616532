import { memberWithoutCase } from '../validation/resource-body.js';
import { prepareUserName } from '../values/folding.js';
import { isObject } from '../values/scim-value.js';
import { referencesOf } from './bulk-references.js';
import type { BulkOperation, BulkRequest } from './bulk-request.js';

/** What to do next with the operation at `index`. */
export type BulkStep =
  /** Carry it out, leaving out what refers to `without`: resources of a circle, which do not exist yet. */
  | { readonly kind: 'run'; readonly index: number; readonly without: ReadonlySet<string> }
  /** All of `without` has been tried: put the resource that was created as it was meant to be. */
  | { readonly kind: 'complete'; readonly index: number };

/** The job's POST operations by bulkId; of several with one bulkId the first counts. */
export const creators = ({ operations }: BulkRequest): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  operations.forEach(({ method, bulkId }, index) => {
    if (method === 'POST' && bulkId !== undefined && !found.has(bulkId)) found.set(bulkId, index);
  });
  return found;
};

/**
 * The order of a job: as sent, save that what an operation refers to is created before it (R107, R109), and that a circle is broken by creating
 * one of its resources without the reference and adding that afterwards (R108).
 */
export const bulkSteps = (request: BulkRequest): readonly BulkStep[] => {
  const { operations } = request;
  const created = creators(request);
  const defined = new Set(created.keys());
  const steps: BulkStep[] = [];
  const visits = new Map<number, 'begun' | 'done'>();
  let incomplete: { readonly index: number; readonly without: ReadonlySet<string> }[] = [];
  const visit = (index: number): void => {
    const operation = operations[index];
    if (operation === undefined || visits.has(index)) return;
    visits.set(index, 'begun');
    const without = new Set<string>();
    for (const bulkId of 'refusal' in operation ? [] : referencesOf(operation, defined)) {
      const creator = created.get(bulkId);
      if (creator === undefined) continue; // nobody creates it: carrying the operation out will say so
      if (visits.get(creator) === 'begun') without.add(bulkId);
      else visit(creator);
    }
    steps.push({ kind: 'run', index, without });
    visits.set(index, 'done');
    if (without.size > 0) incomplete.push({ index, without });
    const isTried = (bulkId: string): boolean => visits.get(created.get(bulkId) ?? -1) === 'done';
    const ready = incomplete.filter((one) => [...one.without].every(isTried));
    incomplete = incomplete.filter((one) => !ready.includes(one));
    steps.push(...ready.map((one) => ({ kind: 'complete' as const, index: one.index })));
  };
  operations.forEach((_, index) => visit(index));
  return steps;
};

/**
 * Steps that may be taken at once, list by list, with the result that taking them in turn has (R109): creations of users that refer to nothing
 * and want different userNames. With failOnErrors every step is alone, since one may be the last.
 */
export const concurrentSteps = (
  request: BulkRequest,
  steps: readonly BulkStep[],
  atMost: number,
): readonly (readonly BulkStep[])[] => {
  const defined = new Set(creators(request).keys());
  const batches: BulkStep[][] = [];
  let names = new Set<string>();
  let open: BulkStep[] | undefined;
  for (const step of steps) {
    const name = request.failOnErrors === undefined ? nameToClaim(request, step, defined) : undefined;
    if (open !== undefined && name !== undefined && !names.has(name) && open.length < atMost) open.push(step);
    else {
      const batch = [step];
      batches.push(batch);
      names = new Set();
      open = name === undefined ? undefined : batch;
    }
    if (name !== undefined) names.add(name);
  }
  return batches;
};

/** The userName of a user to be created that depends on no other step. */
const nameToClaim = ({ operations }: BulkRequest, step: BulkStep, defined: ReadonlySet<string>): string | undefined => {
  const operation = operations[step.index];
  if (step.kind !== 'run' || operation === undefined || 'refusal' in operation) return undefined;
  if (operation.method !== 'POST' || operation.endpoint !== 'Users' || !isObject(operation.data)) return undefined;
  const userName = memberWithoutCase(operation.data, 'userName');
  return typeof userName === 'string' && isIndependent(operation, defined) ? prepareUserName(userName) : undefined;
};

const isIndependent = (operation: BulkOperation, defined: ReadonlySet<string>): boolean =>
  referencesOf(operation, defined).size === 0;
