import type { Attribute } from '../schemas/resource-schema.js';

/** SCIM-SDK's client (1.30) puts what is not text into a list, whatever it writes to: `"path": "active", "value": [false]`. */
export const loneValue = (attribute: Attribute, value: unknown): unknown =>
  !attribute.multiValued && Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
