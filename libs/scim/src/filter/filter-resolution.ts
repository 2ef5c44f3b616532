import { invalidFilter } from '../messages/scim-error.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { Attribute, ResourceSchema } from '../schemas/resource-schema.js';
import { toComparisonValue } from './comparison-value.js';
import type { Filter } from './filter.js';
import type { AttributeReference, ResolvedFilter } from './resolved-filter.js';

export interface ResolveOptions {
  /** An attribute that the schema does not know has no value (`no-value`, the default: RFC 7644 §3.4.2.1), or is refused. */
  readonly unknownAttributes?: 'no-value' | 'refuse';
  /** The types that one query is about: what one of them knows is not unknown, though it has no value in the others (R53). */
  readonly alongside?: readonly ResourceSchema[];
}

type Found = AttributeReference | ResolvedFilter;
type Lookup = (name: string) => AttributeReference | { readonly anyOf: readonly AttributeReference[] } | undefined;
type Leaf = Extract<Filter, { kind: 'present' | 'compare' }>;

/**
 * Attaches attributes to the names of a filter and checks operators and types. Throws 400 `invalidFilter` for a comparison that
 * the type does not allow, and for attributes that are never returned, since answers would give them away (RFC 7644 §7.5.2).
 */
export const resolveFilter = (filter: Filter, schema: ResourceSchema, options: ResolveOptions = {}): ResolvedFilter =>
  resolve(filter, lookupIn(schema), (name, inner) => resolveValuePath(name, inner, schema, options), options);

/** Resolves a filter on the elements of one multi-valued attribute, as in the path of a PATCH operation. */
export const resolveElementFilter = (
  filter: Filter,
  attribute: Attribute,
  options: ResolveOptions = {},
): ResolvedFilter => resolve(filter, lookupInElement(attribute), nestedValuePath, options);

const resolve = (
  filter: Filter,
  lookup: Lookup,
  valuePath: (name: string, filter: Filter) => ResolvedFilter,
  options: ResolveOptions,
): ResolvedFilter => {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return {
        kind: filter.kind,
        operands: filter.operands.map((operand) => resolve(operand, lookup, valuePath, options)),
      };
    case 'not':
      return { kind: 'not', operand: resolve(filter.operand, lookup, valuePath, options) };
    case 'valuePath':
      return valuePath(filter.name, filter.filter);
    case 'present':
    case 'compare':
      return resolveLeaf(filter, lookup, options);
  }
};

const resolveLeaf = (leaf: Leaf, lookup: Lookup, options: ResolveOptions): ResolvedFilter => {
  const found = lookup(leaf.name);
  if (found === undefined) return withoutValue(leaf, options);
  if (!('anyOf' in found)) return condition(leaf, found);
  if (leaf.kind === 'compare') throw invalidFilter(`"${leaf.name}" is a schema: only "pr" can be used on it.`);
  return { kind: 'or', operands: found.anyOf.map((reference) => ({ kind: 'present', ...reference })) };
};

const condition = (leaf: Leaf, found: AttributeReference): ResolvedFilter => {
  if (found.target.returned === 'never') throw invalidFilter(`"${found.target.path}" cannot be used in a filter.`);
  if (leaf.kind === 'present') return { kind: 'present', ...found };
  if (leaf.value === null) return comparisonWithNull(leaf, found);
  const reference = found.target.type === 'complex' ? byValue(found) : found;
  return {
    kind: 'compare',
    ...reference,
    operator: leaf.operator,
    value: toComparisonValue(reference.target, leaf.operator, leaf.value),
  };
};

/** `eq null` asks whether an attribute is unassigned (RFC 7643 §2.5). */
const comparisonWithNull = (
  leaf: Extract<Leaf, { kind: 'compare' }>,
  reference: AttributeReference,
): ResolvedFilter => {
  const present: Found = { kind: 'present', ...reference };
  if (leaf.operator === 'ne') return present;
  if (leaf.operator === 'eq') return { kind: 'not', operand: present };
  throw invalidFilter(`"${leaf.name}" cannot be compared with null by "${leaf.operator}": only eq and ne can.`);
};

/** `emails co "x"` and Entra's `manager eq "<id>"` mean the sub-attribute `value` (RFC 7644 §3.4.2.2). */
const byValue = ({ attribute }: AttributeReference): AttributeReference => {
  const value = attribute.subAttributes.get('value');
  if (value !== undefined) return { attribute, subAttribute: value, target: value };
  const names = [...attribute.subAttributes.values()].map(({ name }) => name).join(', ');
  throw invalidFilter(`"${attribute.path}" is complex: name one of its sub-attributes (${names}).`);
};

const withoutValue = (leaf: Leaf, options: ResolveOptions): ResolvedFilter => {
  refuseIfUnknown(leaf.name, options);
  if (leaf.kind === 'present') return { kind: 'constant', value: false };
  const wantsValue = leaf.value === null ? leaf.operator === 'ne' : leaf.operator !== 'ne';
  return { kind: 'constant', value: !wantsValue };
};

/** A name that the schema does not have. */
const refuseIfUnknown = (name: string, { unknownAttributes, alongside = [] }: ResolveOptions): void => {
  if (unknownAttributes !== 'refuse') return;
  if (alongside.every((schema) => findTarget(schema, name).kind === 'unknown'))
    throw invalidFilter(`There is no attribute "${name}".`);
};

const resolveValuePath = (
  name: string,
  filter: Filter,
  schema: ResourceSchema,
  options: ResolveOptions,
): ResolvedFilter => {
  const target = findTarget(schema, name);
  if (target.kind === 'unknown') {
    refuseIfUnknown(name, options);
    return { kind: 'constant', value: false };
  }
  if (target.kind !== 'attribute' || target.subAttribute !== undefined || target.attribute.type !== 'complex') {
    throw invalidFilter(`"${name}" has no sub-attributes: a value filter in brackets cannot follow it.`);
  }
  return {
    kind: 'valuePath',
    attribute: target.attribute,
    filter: resolveElementFilter(filter, target.attribute, { ...options, alongside: [] }),
  };
};

const nestedValuePath = (name: string): never => {
  throw invalidFilter(`"${name}[…]" stands inside another value filter: they cannot be nested.`);
};

const lookupIn =
  (schema: ResourceSchema): Lookup =>
  (name) => {
    const target = findTarget(schema, name);
    switch (target.kind) {
      case 'attribute': {
        const { attribute, subAttribute } = target;
        return { attribute, subAttribute, target: subAttribute ?? attribute };
      }
      case 'extension':
        return {
          anyOf: [...target.extension.attributes.values()].map((attribute) => ({
            attribute,
            subAttribute: undefined,
            target: attribute,
          })),
        };
      case 'resource':
        throw invalidFilter(`"${name}" is a schema: name one of its attributes.`);
      case 'unknown':
        return undefined;
    }
  };

const lookupInElement =
  (attribute: Attribute): Lookup =>
  (name) => {
    const subAttribute = attribute.subAttributes.get(name.toLowerCase());
    return subAttribute === undefined ? undefined : { attribute, subAttribute, target: subAttribute };
  };
