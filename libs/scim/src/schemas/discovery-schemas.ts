import { urns } from '../messages/urns.js';
import { attribute, complex } from './attribute-definition.js';
import type { AttributeDefinition, SchemaDefinition } from './definitions.js';

const readOnly = { mutability: 'readOnly' } as const;
const required = { ...readOnly, required: true } as const;
const exact = { ...required, caseExact: true } as const;

const flag = (name: string, description: string): AttributeDefinition =>
  attribute(name, description, { ...required, type: 'boolean' });

const supported = flag('supported', 'Whether the operation is supported.');

const whole = (name: string, description: string): AttributeDefinition =>
  attribute(name, description, { ...required, type: 'integer' });

const page = (name: string, description: string): AttributeDefinition =>
  attribute(name, description, { ...readOnly, type: 'integer' });

const uri = (
  name: string,
  description: string,
  characteristics: Partial<AttributeDefinition> = {},
): AttributeDefinition =>
  attribute(name, description, { ...readOnly, type: 'reference', referenceTypes: ['external'], ...characteristics });

/** RFC 7643 §5, §8.7.2, with `type` in `authenticationSchemes` (erratum 8011), the `pagination` of RFC 9865 §4 and the `securityEvents` of RFC 9967 §4. */
export const serviceProviderConfigSchemaDefinition: SchemaDefinition = {
  id: urns.serviceProviderConfig,
  name: 'Service Provider Configuration',
  description: "Schema for representing the service provider's configuration",
  attributes: [
    uri('documentationUri', "A URL of the service provider's documentation."),
    complex('patch', 'PATCH configuration.', [supported], required),
    complex(
      'bulk',
      'Bulk configuration.',
      [
        supported,
        whole('maxOperations', 'The maximum number of operations.'),
        whole('maxPayloadSize', 'The maximum payload size in bytes.'),
      ],
      required,
    ),
    complex(
      'filter',
      'Filter configuration.',
      [supported, whole('maxResults', 'The maximum number of resources in a response.')],
      required,
    ),
    complex('changePassword', 'Configuration of password changes.', [supported], required),
    complex('sort', 'Sort configuration.', [supported], required),
    complex('etag', 'ETag configuration.', [supported], required),
    complex(
      'pagination',
      'Pagination configuration.',
      [
        flag('cursor', 'Whether cursor-based pagination is supported.'),
        flag('index', 'Whether index-based pagination is supported.'),
        attribute('defaultPaginationMethod', 'The method used when a client names none.', {
          ...readOnly,
          canonicalValues: ['cursor', 'index'],
        }),
        page('defaultPageSize', 'The number of resources on a page when a client names none.'),
        page('maxPageSize', 'The largest number of resources on a page.'),
        page('cursorTimeout', 'The least number of seconds that a cursor is valid.'),
      ],
      readOnly,
    ),
    complex(
      'securityEvents',
      'Asynchronous requests and Security Event Tokens.',
      [
        attribute('asyncRequest', 'Whether requests are completed asynchronously, and on whose wish.', {
          ...readOnly,
          canonicalValues: ['none', 'long', 'request'],
        }),
        attribute('eventUris', 'The URIs of the events that a stream of Security Event Tokens can deliver.', {
          ...readOnly,
          caseExact: true,
          multiValued: true,
        }),
      ],
      readOnly,
    ),
    complex(
      'authenticationSchemes',
      'Supported authentication schemes.',
      [
        attribute('type', 'The authentication scheme.', {
          ...required,
          canonicalValues: ['oauth', 'oauth2', 'oauthbearertoken', 'httpbasic', 'httpdigest'],
        }),
        attribute('name', 'The common name of the scheme.', required),
        attribute('description', 'A description of the scheme.', required),
        uri('specUri', "A URL of the scheme's specification."),
        uri('documentationUri', "A URL of the scheme's usage documentation."),
        attribute('primary', 'Whether this is the preferred scheme.', { ...readOnly, type: 'boolean' }),
      ],
      { ...required, multiValued: true },
    ),
  ],
};

/** RFC 7643 §6, §8.7.2. */
export const resourceTypeSchemaDefinition: SchemaDefinition = {
  id: urns.resourceType,
  name: 'ResourceType',
  description: 'Specifies the schema that describes a SCIM resource type',
  attributes: [
    attribute('id', "The resource type's server unique id, equal to its name.", { ...readOnly, caseExact: true }),
    attribute('name', 'The resource type name.', required),
    attribute('description', 'A description of the resource type.', readOnly),
    uri('endpoint', "The resource type's endpoint, relative to the base URL.", {
      ...required,
      referenceTypes: ['uri'],
    }),
    uri('schema', "The resource type's base schema URI.", { ...required, referenceTypes: ['uri'] }),
    complex(
      'schemaExtensions',
      "The URIs of the resource type's schema extensions.",
      [
        uri('schema', 'The URI of a schema extension.', { ...required, referenceTypes: ['uri'] }),
        flag('required', 'Whether every resource of the type must have the extension.'),
      ],
      { ...readOnly, multiValued: true },
    ),
  ],
};

const characteristics: readonly AttributeDefinition[] = [
  attribute('name', "The attribute's name.", exact),
  attribute('type', "The attribute's data type.", {
    ...required,
    canonicalValues: ['string', 'complex', 'boolean', 'decimal', 'integer', 'dateTime', 'reference', 'binary'],
  }),
  flag('multiValued', 'Whether the attribute has more than one value.'),
  attribute('description', 'A human-readable description of the attribute.', readOnly),
  flag('required', 'Whether the attribute is required.'),
  attribute('canonicalValues', 'Suggested values of the attribute.', {
    ...readOnly,
    caseExact: true,
    multiValued: true,
  }),
  attribute('caseExact', 'Whether a string attribute is case-sensitive.', { ...readOnly, type: 'boolean' }),
  attribute('mutability', 'Whether the attribute can be changed.', {
    ...readOnly,
    caseExact: true,
    canonicalValues: ['readOnly', 'readWrite', 'immutable', 'writeOnly'],
  }),
  attribute('returned', 'When the attribute is returned.', {
    ...readOnly,
    caseExact: true,
    canonicalValues: ['always', 'never', 'default', 'request'],
  }),
  attribute('uniqueness', 'How unique a value must be.', {
    ...readOnly,
    caseExact: true,
    canonicalValues: ['none', 'server', 'global'],
  }),
  attribute('referenceTypes', 'The types of resource that a reference may name.', {
    ...readOnly,
    caseExact: true,
    multiValued: true,
  }),
];

/** RFC 7643 §7, §8.7.2; the only schema in which a complex attribute holds another. */
export const schemaSchemaDefinition: SchemaDefinition = {
  id: urns.schema,
  name: 'Schema',
  description: 'Specifies the schema that describes a SCIM schema',
  attributes: [
    attribute('id', 'The unique URI of the schema.', exact),
    attribute('name', "The schema's human-readable name.", readOnly),
    attribute('description', 'A human-readable description of the schema.', readOnly),
    complex(
      'attributes',
      'The attributes of the schema.',
      [
        ...characteristics,
        complex('subAttributes', 'The sub-attributes of a complex attribute.', characteristics, {
          ...readOnly,
          multiValued: true,
        }),
      ],
      { ...required, multiValued: true },
    ),
  ],
};
