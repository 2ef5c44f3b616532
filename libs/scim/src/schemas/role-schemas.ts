import { urns } from '../messages/urns.js';
import { attribute } from './attribute-definition.js';
import type { AttributeDefinition, SchemaDefinition } from './definitions.js';

/** What users may be given, by the draft of the IETF (draft-ietf-scim-roles-entitlements-01, X12); `id` is common to all resources. */
const draftAttributes = (what: string): readonly AttributeDefinition[] => [
  attribute('value', `The value that the users who have the ${what} carry.`, { required: true }),
  attribute('display', 'A human-readable name, primarily used for display purposes.'),
  attribute('type', `A label that indicates the function of the ${what}.`),
  attribute('supported', `Whether the ${what} can be given to users.`, { type: 'boolean', required: true }),
  attribute('limitedAssignmentsPermitted', 'Whether only a limited number of users may have it.', { type: 'boolean' }),
  attribute('totalAssignmentsPermitted', 'How many users may have it.', { type: 'integer' }),
  attribute('totalAssignmentsUsed', 'How many users have it.', { type: 'integer' }),
  attribute('containedBy', 'Values of those whose rights include it.', { multiValued: true }),
  attribute('contains', 'Values of those whose rights it includes.', { multiValued: true }),
];

/** The same as Okta reads it, under URNs of its own (C-O13). */
const oktaAttributes = (what: string): readonly AttributeDefinition[] => [
  attribute('displayName', `A human-readable name of the ${what}.`, { required: true }),
  attribute('type', `A label that groups the values of one kind of ${what}.`),
  attribute('description', `What the ${what} is for.`),
];

const schema = (id: string, name: string, attributes: readonly AttributeDefinition[]): SchemaDefinition => ({
  id,
  name,
  description: name,
  attributes,
});

/** Schemas that a resource type of a tenant's own may have without the tenant registering one. */
export const presetSchemas: readonly SchemaDefinition[] = [
  schema(urns.role, 'Role', draftAttributes('role')),
  schema(urns.entitlement, 'Entitlement', draftAttributes('entitlement')),
  schema(urns.oktaRole, 'Role', oktaAttributes('role')),
  schema(urns.oktaEntitlement, 'Entitlement', oktaAttributes('entitlement')),
];
