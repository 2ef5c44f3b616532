import { urns } from '../messages/urns.js';
import { attribute, complex } from './attribute-definition.js';
import type { SchemaDefinition } from './definitions.js';

/** RFC 7643 §4.3, §8.7.1. */
export const enterpriseUserSchemaDefinition: SchemaDefinition = {
  id: urns.enterpriseUser,
  name: 'EnterpriseUser',
  description: 'Enterprise User',
  attributes: [
    attribute(
      'employeeNumber',
      'Numeric or alphanumeric identifier of a person, typically assigned by the organization.',
    ),
    attribute('costCenter', 'The name of a cost center.'),
    attribute('organization', 'The name of an organization.'),
    attribute('division', 'The name of a division.'),
    attribute('department', 'The name of a department.'),
    complex('manager', "The user's manager.", [
      attribute('value', "The id of the resource that represents the user's manager.", { caseExact: true }),
      attribute('$ref', 'The URI of that resource.', { type: 'reference', referenceTypes: ['User'] }),
      attribute('displayName', "The manager's display name.", { mutability: 'readOnly' }),
    ]),
  ],
};
