import type { Attributes } from '#scim';

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
}
