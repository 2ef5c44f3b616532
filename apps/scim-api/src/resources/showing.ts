import type { Projection, ResourceSchema } from '#scim';

/** How an answer shows resources: by the tenant's schema, as much of it as the request asked for. */
export interface Showing {
  readonly schema: ResourceSchema;
  readonly projection: Projection;
}
