import { invalidValue } from '../messages/scim-error.js';
import type { Attribute } from '../schemas/resource-schema.js';
import { parseDateTime } from '../values/date-time.js';
import { limits } from '../values/limits.js';

const base64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Null, the empty string and the empty list all mean "unassigned" (RFC 7643 §2.5; Okta, Entra and OneLogin clear with `""`). */
export const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** One assigned value of a type that is not complex, checked (RFC 7643 §2.3); throws 400 `invalidValue`. */
export const toSimpleValue = (
  attribute: Attribute,
  value: unknown,
  { exactBooleans }: { readonly exactBooleans?: boolean } = {},
): string | number | boolean => {
  switch (attribute.type) {
    case 'boolean':
      return toBoolean(attribute, value, exactBooleans === true);
    case 'integer':
      if (!Number.isSafeInteger(value)) throw wrongType(attribute, 'a whole number');
      return value as number;
    case 'decimal':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrongType(attribute, 'a number');
      return value;
    case 'dateTime':
      return checkedText(attribute, value, 'a date with time, such as "2026-01-31T08:00:00Z"', isDateTime);
    case 'binary':
      return checkedText(attribute, value, 'base64 text', (text) => base64.test(text));
    case 'string':
    case 'reference':
    case 'complex': // does not come here
      return checkedText(attribute, value, 'a string', () => true);
  }
};

const isDateTime = (text: string): boolean => parseDateTime(text) !== undefined;

/** Entra sends booleans as "True" and "False", OneLogin's templates as "true". */
const toBoolean = (attribute: Attribute, value: unknown, exact: boolean): boolean => {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' && !exact ? value.toLowerCase() : '';
  if (text !== 'true' && text !== 'false') throw wrongType(attribute, 'true or false');
  return text === 'true';
};

const checkedText = (
  attribute: Attribute,
  value: unknown,
  expected: string,
  accepts: (text: string) => boolean,
): string => {
  if (typeof value !== 'string' || !accepts(value)) throw wrongType(attribute, expected);
  return storableText(attribute.path, value);
};

/** The text, when every store can hold it: no U+0000, no half of a surrogate pair, not too long. Throws 400 `invalidValue`. */
export const storableText = (path: string, text: string): string => {
  if (text.length > limits.stringLength) {
    throw invalidValue(`"${path}" has ${text.length} characters; ${limits.stringLength} are allowed.`);
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw invalidValue(`"${path}" holds U+0000 or a broken surrogate pair, which cannot be stored.`);
  }
  return text;
};

export const wrongType = (attribute: Attribute, expected: string) =>
  invalidValue(`"${attribute.path}" must be ${expected}.`);
