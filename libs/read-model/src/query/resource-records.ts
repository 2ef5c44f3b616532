import type { Attributes } from '#scim';
import type { Place } from './keyset.js';

/** What every row of a resource gives: scim-api builds the outward form of it. */
export interface ResourceRecord {
  readonly id: string;
  readonly attributes: Attributes;
  readonly revision: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** A group that has the user as a direct member. */
export interface GroupOfUser {
  readonly id: string;
  readonly display?: string;
}

export interface UserRecord extends ResourceRecord {
  readonly active: boolean;
  /** Ordered by id; undefined when they were not asked for. */
  readonly groups: readonly GroupOfUser[] | undefined;
  /** Derived: as the manager is called now. */
  readonly managerDisplayName: string | undefined;
}

export interface MemberOfGroup {
  readonly id: string;
  readonly kind: 'User' | 'Group';
  readonly display?: string;
}

export interface GroupRecord extends ResourceRecord {
  /** Ordered by id; undefined when they were not asked for. */
  readonly members: readonly MemberOfGroup[] | undefined;
}

export interface Page<Record extends ResourceRecord> {
  readonly totalResults: number;
  readonly resources: readonly Record[];
  /** Cursor paging: the place of the last resource when there are more; undefined on the last page and in index paging. */
  readonly next?: Place | undefined;
}
