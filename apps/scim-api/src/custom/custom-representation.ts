import type { ResourceRecord } from '#read-model';
import { buildResource, project, type ScimObject } from '#scim';
import { entityTag } from '../edge/preconditions.js';
import type { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';

/** A resource of a tenant's own type as clients see it. */
export const customRepresentation = (
  tenantId: string,
  { id, attributes, revision, createdAt, changedAt }: ResourceRecord,
  urls: ScimUrls,
  { schema, projection }: Showing,
): ScimObject =>
  project(
    buildResource({
      schema,
      id,
      attributes,
      meta: {
        created: createdAt.toISOString(),
        lastModified: changedAt.toISOString(),
        location: urls.resource(tenantId, schema.resourceType.endpoint, id),
        version: entityTag(revision),
      },
    }),
    projection,
  );
