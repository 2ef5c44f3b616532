import type { FindResources } from '#read-model';
import { findTarget, invalidValue, parseFilter, resolveFilter, type ResolveOptions, type ResourceSchema } from '#scim';
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
  const target = findTarget(schema, sortBy);
  if (target.kind !== 'attribute') throw invalidValue('"sortBy" must name an attribute of the resource.');
  const { attribute, subAttribute } = target;
  return { by: { attribute, subAttribute, target: subAttribute ?? attribute }, order };
};
