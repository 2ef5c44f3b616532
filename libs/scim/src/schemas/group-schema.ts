import { urns } from '../messages/urns.js';
import { attribute, complex } from './attribute-definition.js';
import type { SchemaDefinition } from './definitions.js';
import { externalId } from './user-schema.js';

const immutable = { mutability: 'immutable' } as const;

/** RFC 7643 §4.2, §8.7.1; `displayName` is required, as the text says and the listing does not (R41). */
export const groupSchemaDefinition: SchemaDefinition = {
  id: urns.group,
  name: 'Group',
  description: 'Group',
  attributes: [
    externalId,
    attribute('displayName', 'A human-readable name of the group.', { required: true }),
    complex(
      'members',
      'Members of the group.',
      [
        attribute('value', 'The identifier of the member.', { ...immutable, caseExact: true }),
        attribute('$ref', 'The URI of the member.', {
          ...immutable,
          type: 'reference',
          referenceTypes: ['User', 'Group'],
        }),
        attribute('type', 'The type of the member.', { ...immutable, canonicalValues: ['User', 'Group'] }),
        // RFC 7643 §8.7.1 does not list it. It follows the member's displayName, whatever a client sends.
        attribute('display', 'A human-readable name of the member.', { mutability: 'readOnly' }),
      ],
      { multiValued: true },
    ),
  ],
};
