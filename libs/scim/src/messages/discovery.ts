import type { ResourceTypeDefinition, SchemaDefinition } from '../schemas/definitions.js';
import { urns } from './urns.js';

/** A schema as /Schemas shows it (RFC 7643 §7); `baseUrl` is absolute, without a slash at its end. */
export const schemaResource = ({ id, name, description, attributes }: SchemaDefinition, baseUrl: string) => ({
  schemas: [urns.schema],
  id,
  name,
  description,
  attributes,
  meta: { resourceType: 'Schema', location: `${baseUrl}/Schemas/${id}` },
});

/** A resource type as /ResourceTypes shows it (RFC 7643 §6). */
export const resourceTypeResource = (resourceType: ResourceTypeDefinition, baseUrl: string) => ({
  schemas: [urns.resourceType],
  ...resourceType,
  meta: { resourceType: 'ResourceType', location: `${baseUrl}/ResourceTypes/${resourceType.id}` },
});
