import type { AttributeDiff, ScimObject } from '#scim';

/**
 * A resource as clients wrote it: `schemas`, `id`, its attributes, `active` of a user, `meta`. Not in it: what follows from other
 * resources (`groups`, `members`, `manager.displayName`), and `meta.location`, which depends on who looks.
 */
export type PublicResource = ScimObject & Readonly<{ schemas: readonly string[]; id: string }>;

/** `paths` that changed, and their values now: null where there is none any more. */
export type ResourceUpdated = Readonly<{ id: string; paths: readonly string[]; changed: AttributeDiff }> & MaybeErased;

/** Nothing to say but who. */
export type ResourceNamed = Readonly<{ id: string }>;

export type MembersAdded = Readonly<{
  id: string;
  members: readonly Readonly<{ value: string; type: 'User' | 'Group' }>[];
}>;

/** `cause` is there when no client asked for it: the member itself was deleted by the event of that id. */
export type MembersRemoved = Readonly<{
  id: string;
  members: readonly string[];
  cause?: Readonly<{ kind: 'member-deleted'; eventId: string }>;
}>;

/** On changes that are published after the subject was erased: their personal values are gone. */
type MaybeErased = Readonly<{ erased?: true }>;

/** The value of a record in `changes`, by `ce_type`. */
export interface ChangePayloads {
  'user.created': PublicResource | (ResourceNamed & Readonly<{ erased: true }>);
  'user.updated': ResourceUpdated;
  'user.deactivated': ResourceNamed;
  'user.reactivated': ResourceNamed;
  'user.deleted': ResourceNamed;
  'user.erased': ResourceNamed;
  'group.created': PublicResource | (ResourceNamed & Readonly<{ erased: true }>);
  'group.updated': ResourceUpdated;
  'group.deleted': ResourceNamed;
  'group.members_added': MembersAdded;
  'group.members_removed': MembersRemoved;
  'resource.created': PublicResource | (ResourceNamed & Readonly<{ erased: true }>);
  'resource.updated': ResourceUpdated;
  'resource.deleted': ResourceNamed;
  'resource.erased': ResourceNamed;
}

/** The value of a record in `memberships`: one edge. */
export type Membership = Readonly<{ group: string; member: string; type: 'User' | 'Group' }>;

/**
 * The value of a record in `publisher-positions`, keyed by tenant: everything up to `sequence` is published. With `offset`, the event after
 * it is partly published too: that many of its records; `after` says where to go on. `ended`: the tenant was erased, and nothing of it is published
 * any more.
 */
export type PublisherPosition = Readonly<{ sequence: number; offset?: number; after?: string; ended?: true }>;
