import { resolveElementFilter } from '../filter/filter-resolution.js';
import type { Filter } from '../filter/filter.js';
import type { ResolvedFilter } from '../filter/resolved-filter.js';
import { invalidPath, invalidSyntax } from '../messages/scim-error.js';
import { parsePatchPath } from '../path/patch-path.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { Attribute, ResourceSchema, SchemaPart } from '../schemas/resource-schema.js';
import type { PatchOptions } from './patch-options.js';

/** Where in a resource an operation works. */
export interface AttributePlace {
  readonly kind: 'attribute';
  readonly attribute: Attribute;
  readonly subAttribute: Attribute | undefined;
  readonly filter: ResolvedFilter | undefined;
}

export type PatchPlace =
  | AttributePlace
  | { readonly kind: 'extension'; readonly extension: SchemaPart }
  | { readonly kind: 'resource' }
  | { readonly kind: 'unknown'; readonly schemaKnown: boolean };

/** The place that a path names. Throws 400 `invalidPath` or `invalidFilter` for a path that cannot be understood. */
export const findPlace = (schema: ResourceSchema, path: string): PatchPlace => {
  const { name, filter, subAttribute } = parsePatchPath(path);
  const target = findTarget(schema, name);
  if (target.kind === 'attribute') return placeOf(target.attribute, target.subAttribute, filter, subAttribute);
  if (target.kind !== 'unknown' && filter !== undefined) throw noValueFilter(name);
  return target;
};

const placeOf = (
  attribute: Attribute,
  named: Attribute | undefined,
  filter: Filter | undefined,
  following: string | undefined,
): PatchPlace => {
  if (filter === undefined) return { kind: 'attribute', attribute, subAttribute: named, filter: undefined };
  if (named !== undefined || attribute.type !== 'complex' || !attribute.multiValued)
    throw noValueFilter(attribute.path);
  const resolved = resolveElementFilter(filter, attribute, { unknownAttributes: 'refuse' });
  if (following === undefined) return { kind: 'attribute', attribute, subAttribute: undefined, filter: resolved };
  const subAttribute = attribute.subAttributes.get(following.toLowerCase());
  if (subAttribute === undefined) return { kind: 'unknown', schemaKnown: true };
  return { kind: 'attribute', attribute, subAttribute, filter: resolved };
};

const noValueFilter = (name: string) =>
  invalidPath(`"${name}" is no multi-valued complex attribute: a value filter in brackets cannot follow it.`);

/** The values that an element must have to satisfy a filter made of `eq` and `and` alone; undefined for any other filter. */
export const equalities = (filter: ResolvedFilter): ReadonlyMap<Attribute, string | number | boolean> | undefined => {
  const found = new Map<Attribute, string | number | boolean>();
  const collect = (part: ResolvedFilter): boolean => {
    if (part.kind === 'and') return part.operands.every(collect);
    if (part.kind !== 'compare' || part.operator !== 'eq' || found.has(part.target)) return false;
    found.set(part.target, part.value.value);
    return true;
  };
  return collect(filter) ? found : undefined;
};

export const unknownPath = (path: string, { unknownPathIs }: Pick<PatchOptions, 'unknownPathIs'>) =>
  (unknownPathIs === 'invalidSyntax' ? invalidSyntax : invalidPath)(`There is no attribute "${path}".`);
