import type { ResolvedFilter } from '../filter/resolved-filter.js';
import { invalidFilter, invalidPath, mutability, noTarget, ScimError } from '../messages/scim-error.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { ResourceSchema } from '../schemas/resource-schema.js';
import { parseMembers } from '../validation/members.js';
import type { MemberInput } from '../validation/members.js';
import { isObject } from '../values/scim-value.js';
import { findPlace } from './patch-place.js';
import type { AttributePlace } from './patch-place.js';
import type { PatchOptions } from './patch-options.js';
import type { PatchOperation } from './patch-request.js';

/** A change to the members of a group, which never stand in its document. */
export type MemberOperation =
  | { readonly kind: 'add'; readonly members: readonly MemberInput[] }
  | { readonly kind: 'remove'; readonly values: readonly string[] }
  | { readonly kind: 'replace'; readonly members: readonly MemberInput[] }
  | { readonly kind: 'remove-all' };

/** A PATCH of a group in two parts that do not touch each other, each in the order sent. */
export interface GroupPatch {
  readonly attributeOperations: readonly PatchOperation[];
  readonly memberOperations: readonly MemberOperation[];
}

/**
 * Parts the operations on `members` from the others, for they must cost work in the members named, not in the size of the group.
 * Knows every form in use: value filters, value lists, values without a path. Throws ScimError 400; other filters than
 * `value eq` are refused with `invalidFilter`.
 */
export const splitGroupPatch = (
  operations: readonly PatchOperation[],
  schema: ResourceSchema,
  options: PatchOptions = {},
): GroupPatch => {
  const attributeOperations: PatchOperation[] = [];
  const memberOperations: MemberOperation[] = [];
  operations.forEach((operation, index) => {
    try {
      const { rest, members } = splitOperation(operation, schema, options);
      if (rest !== undefined) attributeOperations.push(rest);
      memberOperations.push(...members);
    } catch (error) {
      if (!(error instanceof ScimError)) throw error;
      throw new ScimError(error.status, error.scimType, `Operations[${index}]: ${error.detail}`);
    }
  });
  return { attributeOperations, memberOperations };
};

interface Split {
  readonly rest: PatchOperation | undefined;
  readonly members: readonly MemberOperation[];
}

const splitOperation = (operation: PatchOperation, schema: ResourceSchema, options: PatchOptions): Split => {
  const place = operation.path === undefined ? undefined : findPlace(schema, operation.path);
  if (place === undefined || place.kind === 'resource') return splitValue(operation, schema, options);
  if (place.kind !== 'attribute' || place.attribute.path !== 'members') return { rest: operation, members: [] };
  return { rest: undefined, members: toMemberOperations(operation, place, options) };
};

/** Without a path: `{"members": […], "displayName": …}` to add or replace, and Salesforce's `{"members": […]}` to remove. */
const splitValue = (operation: PatchOperation, schema: ResourceSchema, options: PatchOptions): Split => {
  if (!isObject(operation.value)) return { rest: operation, members: [] };
  const members: MemberOperation[] = [];
  const rest: [string, unknown][] = [];
  for (const [name, value] of Object.entries(operation.value)) {
    if (!isMembers(schema, name)) rest.push([name, value]);
    // A removal that names no member must not empty the group.
    else if (operation.op === 'remove') members.push(...removal(value ?? []));
    else members.push(...assignment(operation.op, value, options));
  }
  if (rest.length === 0 && members.length > 0) return { rest: undefined, members };
  if (operation.op === 'remove' && rest.length > 0) {
    throw noTarget('A remove operation needs a path that says what to remove.');
  }
  const others: PatchOperation = { ...operation, value: Object.fromEntries(rest) };
  return { rest: rest.length === 0 && hasMembers(operation.value, schema) ? undefined : others, members };
};

const isMembers = (schema: ResourceSchema, name: string): boolean => {
  const target = findTarget(schema, name);
  return target.kind === 'attribute' && target.attribute.path === 'members' && target.subAttribute === undefined;
};

const hasMembers = (value: Readonly<Record<string, unknown>>, schema: ResourceSchema): boolean =>
  Object.keys(value).some((name) => isMembers(schema, name));

const toMemberOperations = (
  operation: PatchOperation,
  place: AttributePlace,
  options: PatchOptions,
): readonly MemberOperation[] => {
  const { filter, subAttribute } = place;
  const { op, value } = operation;
  if (filter === undefined && subAttribute === undefined)
    return op === 'remove' ? removal(value) : assignment(op, value, options);
  if (op === 'remove' && filter !== undefined && (subAttribute === undefined || subAttribute.name === 'value')) {
    return [{ kind: 'remove', values: [...new Set(valuesNamed(filter))] }];
  }
  if (subAttribute !== undefined) {
    throw mutability(`"${subAttribute.path}" is immutable: remove the member and add another instead.`);
  }
  throw invalidPath('A value filter on "members" goes with remove alone; add and replace take the path "members".');
};

const assignment = (op: 'add' | 'replace', value: unknown, options: PatchOptions): readonly MemberOperation[] => {
  const members = parseMembers(value, options);
  if (op === 'add') return members.length === 0 ? [] : [{ kind: 'add', members }];
  return members.length === 0 ? [{ kind: 'remove-all' }] : [{ kind: 'replace', members }];
};

/** Without a value all members go; with one, those listed and no others (RFC 7644 knows no list here, Entra sends it). */
const removal = (value: unknown): readonly MemberOperation[] => {
  if (value === undefined || value === null) return [{ kind: 'remove-all' }];
  const values = parseMembers(value).map((member) => member.value);
  return values.length === 0 ? [] : [{ kind: 'remove', values }];
};

const valuesNamed = (filter: ResolvedFilter): readonly string[] => {
  if (filter.kind === 'or') return filter.operands.flatMap(valuesNamed);
  const named = filter.kind === 'compare' && filter.operator === 'eq' && filter.target.name === 'value';
  if (named && filter.value.type === 'string') return [filter.value.value];
  throw invalidFilter(
    'Members are chosen by members[value eq "<id>"], several joined by "or"; other filters are not supported.',
  );
};
