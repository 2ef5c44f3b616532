import { enterpriseUserSchemaDefinition } from './enterprise-user-schema.js';
import { groupSchemaDefinition } from './group-schema.js';
import { compileResourceSchema } from './resource-schema.js';
import { groupResourceType, userResourceType } from './resource-types.js';
import { userSchemaDefinition } from './user-schema.js';

/** Users of a tenant without schemas of its own. */
export const userSchema = compileResourceSchema(userResourceType, [
  userSchemaDefinition,
  enterpriseUserSchemaDefinition,
]);

/** Groups of a tenant without schemas of its own. */
export const groupSchema = compileResourceSchema(groupResourceType, [groupSchemaDefinition]);
