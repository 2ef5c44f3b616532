import type { Claim } from '#event-sourcing';
import { fold, type Attributes, type ResourceSchema, type ScimValue } from '#scim';

/** An attribute of which two resources of one type never hold the same value (RFC 7643 §2.2, `uniqueness: server`). */
export type UniqueAttribute = Readonly<{
  name: string;
  /** The URN it stands under; none at the top level. */
  extension?: string;
  caseExact: boolean;
}>;

/** Those of a schema; the `id` is unique by itself. */
export const uniqueAttributesOf = ({ parts }: ResourceSchema): readonly UniqueAttribute[] =>
  parts
    .flatMap(([, { attributes }]) => [...attributes.values()])
    .filter(({ uniqueness, mutability }) => uniqueness === 'server' && mutability !== 'readOnly')
    .map(({ name, extension, caseExact }) => ({
      name,
      ...(extension === undefined ? {} : { extension }),
      caseExact,
    }));

/**
 * Both together. An attribute that the schema no longer has may come back, and its stored value with it: until the value goes, it stays
 * claimed.
 */
export const moreUnique = (
  known: readonly UniqueAttribute[],
  more: readonly UniqueAttribute[],
): readonly UniqueAttribute[] => [...known, ...more.filter((one) => !known.some((other) => isSame(one, other)))];

const isSame = (a: UniqueAttribute, b: UniqueAttribute): boolean => a.name === b.name && a.extension === b.extension;

/** The claims of a resource: one for each unique attribute that has a value. */
export const claimsOn = (
  unique: readonly UniqueAttribute[],
  attributes: Attributes,
  resourceType: string,
): readonly Claim[] =>
  unique.flatMap(({ name, extension, caseExact }) => {
    const value = valueAt(attributes, name, extension);
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    const compared = typeof value === 'string' && !caseExact ? fold(value) : value;
    return [{ kind: 'resource', value: JSON.stringify([resourceType, extension ?? '', name, compared]) }];
  });

const valueAt = (attributes: Attributes, name: string, extension: string | undefined): ScimValue | undefined => {
  if (extension === undefined) return attributes[name];
  const container = attributes[extension];
  return typeof container === 'object' && !Array.isArray(container) ? (container as Attributes)[name] : undefined;
};
