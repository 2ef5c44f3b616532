import { sameValue } from '#scim';
import { TenancyError } from '../refusal.js';
import { rules } from './setting-rules.js';
import type { ChosenSettings, TenantSettings } from './settings.js';

/** A change of some settings; null takes one back to its default. */
export type SettingsChange = Readonly<{ [Key in keyof ChosenSettings]?: ChosenSettings[Key] | null }>;

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

/** Whether two choices say the same; both are JSON without null. */
export const sameSettings = (a: ChosenSettings, b: ChosenSettings): boolean => sameValue(a, b);
