import { findTarget, type Attribute, type ResourceSchema } from '#scim';
import { TenancyError } from '../refusal.js';

/** Looked up by columns and rows of their own, by an expression, or by all there is. */
const ELSEWHERE: ReadonlySet<string> = new Set([
  ...['id', 'schemas', 'meta', 'externalId', 'userName', 'displayName', 'active'],
  ...['emails', 'groups', 'members'],
]);

/**
 * The attributes under their canonical paths, each once, in order. Throws `setting-invalid` for one that the tenant does not know, that has no
 * single value to compare, or that needs no index.
 */
export const checkedIndexes = (paths: readonly string[], schemas: readonly ResourceSchema[]): readonly string[] =>
  [...new Set(paths.map((path) => checkedPath(path, schemas)))].sort();

const checkedPath = (path: string, schemas: readonly ResourceSchema[]): string => {
  const target = schemas.map((schema) => findTarget(schema, path)).find(({ kind }) => kind === 'attribute');
  if (target?.kind !== 'attribute') throw refused(path, 'there is no such attribute of users or groups.');
  const { attribute, subAttribute = attribute } = target;
  const fault = faultOf(attribute, subAttribute);
  if (fault !== undefined) throw refused(path, fault);
  return subAttribute.path;
};

const faultOf = (attribute: Attribute, { type, returned, mutability }: Attribute): string | undefined => {
  if (ELSEWHERE.has(attribute.path)) return 'it needs no index of the tenant’s own.';
  if (type === 'complex') return 'it is complex: name one of its sub-attributes.';
  if (type === 'binary' || returned === 'never') return 'it cannot be searched by its value.';
  return mutability === 'readOnly' ? 'it is derived, so it is stored nowhere.' : undefined;
};

const refused = (path: string, why: string): TenancyError =>
  new TenancyError('setting-invalid', `The setting indexedAttributes cannot have "${path}": ${why}`);
