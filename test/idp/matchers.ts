/**
 * The little language in which `test/idp/*.json` says what an answer must be: values compared deeply, or matchers
 * `$set $unset $type $any $not $has $ci $re $min $max`; pointers by `/`, `[key=value]` for the element of a list, `#` for its length.
 */

/** What stands at the pointer; undefined when there is nothing. */
export const at = (document: unknown, pointer: string): unknown =>
  split(pointer).reduce<unknown>((value, step) => {
    if (value === undefined || value === null) return undefined;
    if (step === '#') return Array.isArray(value) ? value.length : 0;
    const element = /^\[(.+?)=(.*)\]$/.exec(step);
    if (element !== null)
      return Array.isArray(value) ? value.find((item) => String(member(item, element[1] ?? '')) === element[2]) : undefined;
    return member(value, step);
  }, document);

/** URNs hold no slash, so a pointer is split at every one outside brackets. */
const split = (pointer: string): string[] => pointer.match(/\[[^\]]*\]|[^/]+/g) ?? [];

const member = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;

/** Whether a value is what is expected. */
export const satisfies = (actual: unknown, expected: unknown): boolean => {
  if (isMatcher(expected)) return Object.entries(expected).every(([name, operand]) => matchers[name]?.(actual, operand) === true);
  if (Array.isArray(expected))
    return Array.isArray(actual) && actual.length === expected.length && expected.every((item, i) => satisfies(actual[i], item));
  if (typeof expected === 'object' && expected !== null)
    return typeof actual === 'object' && actual !== null && Object.entries(expected).every(([key, value]) => satisfies(member(actual, key), value));
  return actual === expected;
};

const isMatcher = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.keys(value).every((key) => key in matchers);

const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  undefined: (value) => value === undefined,
};

const matchers: Readonly<Record<string, (actual: unknown, operand: unknown) => boolean>> = {
  $set: (actual) => !isUnset(actual),
  $unset: (actual) => isUnset(actual),
  $type: (actual, type) => types[String(type)]?.(actual) === true,
  $any: (actual, options) => (options as unknown[]).some((option) => satisfies(actual, option)),
  $not: (actual, unwanted) => !satisfies(actual, unwanted),
  $has: (actual, item) => Array.isArray(actual) && actual.some((one) => satisfies(one, item)),
  $ci: (actual, text) => typeof actual === 'string' && actual.toLowerCase() === String(text).toLowerCase(),
  $re: (actual, pattern) => typeof actual === 'string' && new RegExp(String(pattern)).test(actual),
  $min: (actual, least) => typeof actual === 'number' && actual >= Number(least),
  $max: (actual, most) => typeof actual === 'number' && actual <= Number(most),
};
