import type { ResourceSchema } from '../schemas/resource-schema.js';
import { urns } from './urns.js';

/**
 * What draft-ietf-scim-roles-entitlements-01 adds to ServiceProviderConfig (X12): which of the two resource types there is, and what `roles`
 * and `entitlements` of users can hold. No published RFC knows the member, so it is told to those who ask for it alone.
 */
export const rolesAndEntitlements = (types: readonly ResourceSchema[]) => {
  const has = (...schemas: readonly string[]): boolean => types.some(({ base }) => schemas.includes(base.urn));
  return {
    roles: {
      supported: has(urns.role, urns.oktaRole),
      multipleRolesSupported: true,
      primarySupported: true,
      typeSupported: true,
    },
    entitlements: {
      supported: has(urns.entitlement, urns.oktaEntitlement),
      multipleEntitlementsSupported: true,
      primarySupported: true,
      typeSupported: true,
    },
  };
};
