import type { ProfileName } from '#scim';
import type { GroupRole } from './group-roles.js';

/** A token bucket: `perSecond` requests on average, `burst` at once. */
export type RateLimit = Readonly<{ perSecond: number; burst: number }>;

/** What connections may do (F12); reading is always allowed. */
export type Provisioning = Readonly<{
  newUsers: boolean;
  profileUpdates: boolean;
  /** Taking access away and giving it back, deleting users included. */
  deactivation: boolean;
  /** Every change of groups and of who is in them. */
  groups: boolean;
  /** Every change of resources of the tenant's own types. */
  resources: boolean;
}>;

/** What a tenant may set. A key that is not here does not exist. */
export type TenantSettings = Readonly<{
  /** Of each credential of the tenant. */
  rateLimit: RateLimit;
  /** Group displayName is unique only where a tenant asks for it (DESIGN §9). */
  displayNameUnique: boolean;
  provisioning: Provisioning;
  /** What DELETE does to a user: it goes, or it only loses access (C-S2, C-S4). */
  deletePolicy: 'hard' | 'deactivate';
  /** Attributes of users that are kept; others are dropped unread (F21). */
  allowedAttributes: 'all' | readonly string[];
  /** Mail domains that userNames and e-mails may have; any when empty (F19). */
  verifiedDomains: readonly string[];
  maxUsers: 'unlimited' | number;
  /** Days after which what was deleted is erased. */
  eraseAfterDays: 'never' | number;
  /** Canonical paths of attributes that filters find by an index, beside those that always have one. */
  indexedAttributes: readonly string[];
  /** Roles that groups give their members (F24). */
  groupRoles: readonly GroupRole[];
  /** How requests are read (F29). */
  profile: ProfileName;
  /** The same for single tokens and OAuth clients, by their id. */
  connectionProfiles: Readonly<Record<string, ProfileName>>;
}>;

/** What a tenant has set itself; the rest stands at its default. */
export type ChosenSettings = Readonly<{
  [Key in keyof TenantSettings]?: Key extends 'provisioning' ? Partial<Provisioning> : TenantSettings[Key];
}>;

export const defaultSettings: TenantSettings = {
  rateLimit: { perSecond: 100, burst: 400 },
  displayNameUnique: false,
  provisioning: { newUsers: true, profileUpdates: true, deactivation: true, groups: true, resources: true },
  deletePolicy: 'hard',
  allowedAttributes: 'all',
  verifiedDomains: [],
  maxUsers: 'unlimited',
  eraseAfterDays: 'never',
  indexedAttributes: [],
  groupRoles: [],
  profile: 'default',
  connectionProfiles: {},
};

/** What holds for a tenant: its own choice, else the default. */
export const effectiveSettings = (chosen: ChosenSettings): TenantSettings => ({
  ...defaultSettings,
  ...chosen,
  provisioning: { ...defaultSettings.provisioning, ...chosen.provisioning },
});
