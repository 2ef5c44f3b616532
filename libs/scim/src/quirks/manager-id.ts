import { urns } from '../messages/urns.js';
import type { Attribute } from '../schemas/resource-schema.js';

const manager = `${urns.enterpriseUser}:manager`;

/** OneLogin's body templates still write the manager as SCIM 1.1 did: `"manager": {"managerId": "…"}`. */
export const legacySubAttribute = (attribute: Attribute, name: string): Attribute | undefined =>
  name === 'managerid' && attribute.path === manager ? attribute.subAttributes.get('value') : undefined;
