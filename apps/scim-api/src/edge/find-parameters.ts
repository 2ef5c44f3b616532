import type { FindResources } from '#read-model';
import {
  findTarget,
  invalidValue,
  parseFilter,
  resolveFilter,
  type AttributeReference,
  type ResolveOptions,
  type ResourceSchema,
} from '#scim';
import type { ListParameters } from './query-parameters.js';

/** A list query in terms of the schema: filter parsed and resolved, sort attribute found. Throws ScimError 400. */
export const findParameters = (
  { filter, sortBy, sortOrder, startIndex, count }: ListParameters,
  schema: ResourceSchema,
  options: ResolveOptions,
): FindResources => ({
  filter: filter === undefined ? undefined : resolveFilter(parseFilter(filter), schema, options),
  sort: sortBy === undefined ? undefined : sortOf(sortBy, sortOrder, schema),
  startIndex,
  count,
});

const sortOf = (sortBy: string, order: ListParameters['sortOrder'], schema: ResourceSchema): FindResources['sort'] => {
  const by = sortTarget(sortBy, schema);
  if (by === undefined) throw invalidValue('"sortBy" must name an attribute of the resource.');
  return { by, order };
};

/**
 * What `sortBy` names in a schema; undefined: nothing. A complex attribute stands for its `value`, as in filters. Throws 400 when it has none,
 * for only its sub-attributes have an order (RFC 7644 §3.4.2.3).
 */
export const sortTarget = (sortBy: string, schema: ResourceSchema): AttributeReference | undefined => {
  const found = findTarget(schema, sortBy);
  if (found.kind !== 'attribute') return undefined;
  const { attribute } = found;
  const subAttribute = found.subAttribute ?? attribute.subAttributes.get('value');
  if (subAttribute === undefined && attribute.type === 'complex')
    throw invalidValue(`"sortBy" must name a sub-attribute of "${attribute.path}": ${subNames(attribute)}.`);
  return { attribute, subAttribute, target: subAttribute ?? attribute };
};

const subNames = ({ subAttributes }: AttributeReference['attribute']): string =>
  [...subAttributes.values()].map(({ name }) => name).join(', ');
