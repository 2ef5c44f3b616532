import { TenancyError } from '../refusal.js';

/** A token bucket: `perSecond` requests on average, `burst` at once. */
export type RateLimit = Readonly<{ perSecond: number; burst: number }>;

/** What a tenant may set. A key that is not here does not exist. */
export type TenantSettings = Readonly<{
  /** Of each credential of the tenant. */
  rateLimit: RateLimit;
  /** Group displayName is unique only where a tenant asks for it (DESIGN §9). */
  displayNameUnique: boolean;
}>;

/** What a tenant has set itself; the rest stands at its default. */
export type ChosenSettings = Partial<TenantSettings>;

/** A change of some settings; null takes one back to its default. */
export type SettingsChange = Readonly<{ [Key in keyof TenantSettings]?: TenantSettings[Key] | null }>;

export const defaultSettings: TenantSettings = {
  rateLimit: { perSecond: 100, burst: 400 },
  displayNameUnique: false,
};

const HIGHEST_RATE = 100_000;

const isRate = (value: unknown): boolean =>
  Number.isInteger(value) && typeof value === 'number' && value >= 1 && value <= HIGHEST_RATE;

const isRateLimit = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  const { perSecond, burst, ...rest } = value as Record<string, unknown>;
  return isRate(perSecond) && isRate(burst) && Number(burst) >= Number(perSecond) && Object.keys(rest).length === 0;
};

interface Rule {
  readonly holds: (value: unknown) => boolean;
  readonly allowed: string;
}

const rules: Readonly<Record<keyof TenantSettings, Rule>> = {
  rateLimit: {
    holds: isRateLimit,
    allowed: `{"perSecond", "burst"}, whole numbers from 1 to ${HIGHEST_RATE}, burst not below perSecond`,
  },
  displayNameUnique: { holds: (value) => typeof value === 'boolean', allowed: 'true or false' },
};

const isKey = (key: string): key is keyof TenantSettings => Object.hasOwn(rules, key);

/** The settings after a change. Throws `setting-invalid`, which names the key and what is allowed. */
export const changeSettings = (chosen: ChosenSettings, change: SettingsChange): ChosenSettings => {
  const result: Record<string, unknown> = { ...chosen };
  for (const [key, value] of Object.entries(change)) {
    if (!isKey(key))
      throw new TenancyError(
        'setting-invalid',
        `There is no such setting; known are ${Object.keys(rules).join(', ')}.`,
      );
    if (value === null) delete result[key];
    else if (rules[key].holds(value)) result[key] = value;
    else throw new TenancyError('setting-invalid', `The setting ${key} takes ${rules[key].allowed}.`);
  }
  return result;
};

/** What holds for a tenant: its own choice, else the default. */
export const effectiveSettings = (chosen: ChosenSettings): TenantSettings => ({ ...defaultSettings, ...chosen });
