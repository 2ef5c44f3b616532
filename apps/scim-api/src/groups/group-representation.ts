import { buildResource, project, type Attributes, type ScimObject } from '#scim';
import { entityTag } from '../edge/preconditions.js';
import type { ScimUrls } from '../edge/scim-urls.js';
import type { Showing } from '../resources/showing.js';

export interface MemberOfGroup {
  readonly id: string;
  readonly kind: 'User' | 'Group';
  readonly display?: string | undefined;
}

export interface GroupVersion {
  readonly tenantId: string;
  readonly id: string;
  readonly attributes: Attributes;
  readonly revision: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
  /** Undefined when the answer does not show them: then nobody has read them (R78). */
  readonly members: readonly MemberOfGroup[] | undefined;
}

/** A group as clients see it: what the projection shows. `members` is left out when there are none (R27). */
export const groupRepresentation = (group: GroupVersion, urls: ScimUrls, { schema, projection }: Showing): ScimObject =>
  project(
    buildResource({
      schema,
      id: group.id,
      attributes: group.attributes,
      derived: derived(group, urls),
      meta: {
        created: group.createdAt.toISOString(),
        lastModified: group.changedAt.toISOString(),
        location: urls.group(group.tenantId, group.id),
        version: entityTag(group.revision),
      },
    }),
    projection,
  );

const derived = ({ tenantId, members = [] }: GroupVersion, urls: ScimUrls): ScimObject =>
  members.length === 0
    ? {}
    : {
        members: members.map(({ id, kind, display }) => ({
          value: id,
          $ref: kind === 'User' ? urls.user(tenantId, id) : urls.group(tenantId, id),
          type: kind,
          ...(display === undefined ? {} : { display }),
        })),
      };
