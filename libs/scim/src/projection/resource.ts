import type { ResourceSchema } from '../schemas/resource-schema.js';
import { own } from '../values/scim-value.js';
import type { Attributes, ScimObject, ScimValue } from '../values/scim-value.js';

/** Metadata of a resource (RFC 7643 §3.1); times in ISO 8601, `location` absolute, `version` equal to the ETag. */
export interface ResourceMeta {
  readonly created: string;
  readonly lastModified: string;
  readonly location: string;
  readonly version?: string;
}

export interface ResourceParts {
  readonly schema: ResourceSchema;
  readonly id: string;
  readonly meta: ResourceMeta;
  /** What clients wrote. */
  readonly attributes: Attributes;
  /** Top-level attributes kept elsewhere: `active`, `groups`, `members`. They win over `attributes`. */
  readonly derived?: Attributes;
}

/**
 * The outward form of a resource, in a stable order: schemas, id, attributes in the order of their schemas, extensions, meta.
 * `schemas` names an extension exactly when there is data of it (RFC 7643 §3.3).
 */
export const buildResource = ({ schema, id, meta, attributes, derived = {} }: ResourceParts): ScimObject => {
  const schemas = [schema.base.urn];
  const resource: Record<string, ScimValue> = { schemas, id };
  for (const { name } of schema.base.attributes.values()) {
    if (Object.hasOwn(resource, name) || name === 'meta') continue;
    const value = own(derived, name) ?? own(attributes, name);
    if (value !== undefined) resource[name] = value;
  }
  for (const { urn } of schema.extensions.values()) {
    const container = own(attributes, urn);
    if (container === undefined) continue;
    schemas.push(urn);
    resource[urn] = container;
  }
  const { created, lastModified, location, version } = meta;
  const resourceType = schema.resourceType.name;
  resource['meta'] = { resourceType, created, lastModified, location, ...(version === undefined ? {} : { version }) };
  return resource;
};
