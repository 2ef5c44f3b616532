import { profileNames } from '#scim';
import { groupRolesRule } from './group-roles.js';
import type { TenantSettings } from './settings.js';

interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly allowed: string;
}

const HIGHEST_RATE = 100_000;
const MOST_USERS = 100_000_000;
const MOST_DAYS = 3650;
const MOST_NAMES = 500;
const MOST_DOMAINS = 1_000;
const LONGEST_NAME = 300;
/** Each is rows beside every user. */
const MOST_INDEXES = 20;

const isWhole = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && typeof value === 'number' && value >= least && value <= most;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isRateLimit = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  const { perSecond, burst, ...rest } = value;
  const isRate = (rate: unknown): boolean => isWhole(rate, 1, HIGHEST_RATE);
  return isRate(perSecond) && isRate(burst) && Number(burst) >= Number(perSecond) && Object.keys(rest).length === 0;
};

const switches = ['newUsers', 'profileUpdates', 'deactivation', 'groups', 'resources'];

const isProvisioning = (value: unknown): boolean =>
  isObject(value) && Object.entries(value).every(([name, on]) => switches.includes(name) && typeof on === 'boolean');

/** An attribute of the core schema, or one of an extension behind its URN; no sub-attributes. */
const ATTRIBUTE = /^(?:urn:[\w.:-]+:)?[a-z][\w-]*$/i;
/** The same, with a sub-attribute where there is one. */
const PATH = /^(?:urn:[\w.:-]+:)?[a-z][\w-]*(?:\.(?:\$ref|[a-z][\w-]*))?$/i;
/** As domains are written in addresses; case does not matter. */
const DOMAIN =
  /^(?=.{1,253}$)[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?(?:\.[\p{L}\p{N}](?:[\p{L}\p{N}-]*[\p{L}\p{N}])?)+$/u;

const isListOf = (value: unknown, pattern: RegExp, most: number): boolean =>
  Array.isArray(value) &&
  value.length <= most &&
  value.every((one) => typeof one === 'string' && one.length <= LONGEST_NAME && pattern.test(one));

const isProfile = (value: unknown): boolean => profileNames.some((name) => name === value);
const CREDENTIAL_ID = /^[0-9A-Za-z]{1,40}$/;
const isProfileOfEach = (value: unknown): boolean =>
  isObject(value) &&
  Object.keys(value).length <= MOST_NAMES &&
  Object.entries(value).every(([id, name]) => CREDENTIAL_ID.test(id) && isProfile(name));

const isBoolean: Rule = { holds: (value) => typeof value === 'boolean', allowed: 'true or false' };

/** What each setting takes. */
export const rules: Readonly<Record<keyof TenantSettings, Rule>> = {
  rateLimit: {
    holds: isRateLimit,
    allowed: `{"perSecond", "burst"}, whole numbers from 1 to ${HIGHEST_RATE}, burst not below perSecond`,
  },
  displayNameUnique: isBoolean,
  provisioning: { holds: isProvisioning, allowed: `an object of ${switches.join(', ')}, each true or false` },
  deletePolicy: { holds: (value) => value === 'hard' || value === 'deactivate', allowed: '"hard" or "deactivate"' },
  allowedAttributes: {
    holds: (value) => value === 'all' || isListOf(value, ATTRIBUTE, MOST_NAMES),
    allowed: `"all" or a list of at most ${MOST_NAMES} attributes such as "name" or "urn:…:User:department", without sub-attributes`,
  },
  verifiedDomains: {
    holds: (value) => isListOf(value, DOMAIN, MOST_DOMAINS),
    allowed: `a list of at most ${MOST_DOMAINS} domains such as "example.com"; empty: any`,
  },
  maxUsers: {
    holds: (value) => value === 'unlimited' || isWhole(value, 0, MOST_USERS),
    allowed: `"unlimited" or a whole number up to ${MOST_USERS}`,
  },
  eraseAfterDays: {
    holds: (value) => value === 'never' || isWhole(value, 0, MOST_DAYS),
    allowed: `"never" or a whole number of days up to ${MOST_DAYS}`,
  },
  indexedAttributes: {
    holds: (value) => isListOf(value, PATH, MOST_INDEXES),
    allowed: `a list of at most ${MOST_INDEXES} attributes such as "title", "phoneNumbers.value" or "urn:…:User:costCenter"`,
  },
  groupRoles: groupRolesRule,
  profile: { holds: isProfile, allowed: `one of ${profileNames.join(', ')}` },
  connectionProfiles: {
    holds: isProfileOfEach,
    allowed: `an object from ids of tokens and clients to one of ${profileNames.join(', ')}`,
  },
};
