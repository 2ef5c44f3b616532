import type { UserData } from '#directory';
import { buildResource, project, type ScimObject } from '#scim';
import { entityTag } from '../edge/preconditions.js';
import type { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';

/** A user is in thousands of groups at the very most; an answer that reads them from the log's index names no more. */
export const GROUPS_SHOWN = 10_000;

/** A group the user is in, derived from the group's members (R40). */
export interface GroupOfUser {
  readonly id: string;
  readonly display?: string | undefined;
}

export interface UserVersion extends UserData {
  readonly tenantId: string;
  readonly id: string;
  readonly revision: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** Undefined when the answer does not show them. */
  readonly groups: readonly GroupOfUser[] | undefined;
}

/** A user as clients see it: what the projection shows, with meta and the groups that were asked for. */
export const userRepresentation = (user: UserVersion, urls: ScimUrls, { schema, projection }: Showing): ScimObject =>
  project(
    buildResource({
      schema,
      id: user.id,
      attributes: { ...user.attributes, active: user.active },
      derived: derived(user, urls),
      meta: {
        created: user.createdAt.toISOString(),
        lastModified: user.changedAt.toISOString(),
        location: urls.user(user.tenantId, user.id),
        version: entityTag(user.revision),
      },
    }),
    projection,
  );

const derived = ({ tenantId, groups = [] }: UserVersion, urls: ScimUrls): ScimObject =>
  groups.length === 0
    ? {}
    : {
        groups: groups.map(({ id, display }) => ({
          value: id,
          $ref: urls.group(tenantId, id),
          ...(display === undefined ? {} : { display }),
          type: 'direct',
        })),
      };
