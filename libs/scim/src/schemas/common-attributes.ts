import { attribute, complex } from './attribute-definition.js';
import type { AttributeDefinition } from './definitions.js';
import { externalId } from './user-schema.js';

const readOnly = { mutability: 'readOnly' } as const;

/** Attributes of every resource (RFC 7643 §3.1), beside those of its schemas. */
export const commonAttributes: readonly AttributeDefinition[] = [
  attribute('schemas', 'The URIs of the schemas of the resource.', {
    ...readOnly, // kept by the server: it lists an extension exactly while there is data of it
    type: 'reference',
    referenceTypes: ['uri'],
    caseExact: false, // schema URIs are compared without case (RFC 7644 §3.10)
    multiValued: true,
    required: true,
    returned: 'always',
  }),
  attribute('id', 'The unique identifier of the resource, issued by the service.', {
    ...readOnly,
    caseExact: true,
    returned: 'always',
    uniqueness: 'server',
  }),
  externalId,
  complex(
    'meta',
    'Metadata of the resource.',
    [
      attribute('resourceType', 'The name of the resource type.', { ...readOnly, caseExact: true }),
      attribute('created', 'When the resource was added to the service.', { ...readOnly, type: 'dateTime' }),
      attribute('lastModified', 'When the resource was last changed.', { ...readOnly, type: 'dateTime' }),
      attribute('location', 'The URI of the resource.', { ...readOnly, type: 'reference', referenceTypes: ['uri'] }),
      attribute('version', 'The version of the resource, equal to its ETag.', { ...readOnly, caseExact: true }),
    ],
    readOnly,
  ),
];
