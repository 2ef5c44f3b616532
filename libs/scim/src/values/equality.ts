import { isList, isScimObject, own } from './scim-value.js';
import type { ScimObject, ScimValue } from './scim-value.js';

/**
 * Whether two values say the same. The order of members and of the values of a multi-valued attribute carries no meaning
 * (RFC 7643 §2.3.8, §2.4), so a client that sends its e-mails in another order has changed nothing.
 */
export const sameValue = (a: ScimValue | undefined, b: ScimValue | undefined): boolean => {
  if (a === b) return true;
  if (isList(a)) return isList(b) && sameList(a, b);
  if (isScimObject(a)) return isScimObject(b) && sameObject(a, b);
  return false;
};

const sameObject = (a: ScimObject, b: ScimObject): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => sameValue(a[name], own(b, name)));
};

const sameList = (a: readonly ScimValue[], b: readonly ScimValue[]): boolean => {
  if (a.length !== b.length) return false;
  if (a.every((value, index) => sameValue(value, b[index]))) return true;
  const sorted = (values: readonly ScimValue[]) => values.map(canonicalKey).sort();
  const others = sorted(b);
  return sorted(a).every((key, index) => key === others[index]);
};

/** A text that is equal for two values exactly when `sameValue` holds. */
export const canonicalKey = (value: ScimValue): string => {
  if (isList(value)) return `[${value.map(canonicalKey).sort().join()}]`;
  if (!isScimObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${canonicalKey(member)}`);
  return `{${members.sort().join()}}`;
};

/** Drops values that say the same as an earlier one (RFC 7643 §2.4). */
export const distinct = (values: readonly ScimValue[]): readonly ScimValue[] => {
  if (values.length < 2) return values;
  const seen = new Map<string, ScimValue>();
  for (const value of values) {
    const key = canonicalKey(value);
    if (!seen.has(key)) seen.set(key, value);
  }
  return seen.size === values.length ? values : [...seen.values()];
};
