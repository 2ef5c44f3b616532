import { invalidSyntax, invalidValue } from '../messages/scim-error.js';
import { legacySubAttribute } from '../quirks/manager-id.js';
import type { Attribute } from '../schemas/resource-schema.js';
import { distinct } from '../values/equality.js';
import { limits } from '../values/limits.js';
import { isObject, isScimObject, unlessEmpty } from '../values/scim-value.js';
import type { ScimObject, ScimValue } from '../values/scim-value.js';
import { isUnassigned, toSimpleValue, wrongType } from './simple-value.js';

export interface ValidationOptions {
  /** Refuses unknown attributes and schemas, as the interoperability profile asks; otherwise they are ignored. */
  readonly strict?: boolean;
  /** Takes JSON's own true and false alone. */
  readonly exactBooleans?: boolean;
}

/** Sub-attributes that a client named, by their schema's name; undefined for those it cleared. */
export type Parts = Readonly<Record<string, ScimValue | undefined>>;

/** A value of `attribute` as it is stored, or undefined when unassigned. Throws 400 `invalidValue`. */
export const toAttributeValue = (
  attribute: Attribute,
  value: unknown,
  options: ValidationOptions,
): ScimValue | undefined => {
  if (attribute.multiValued) return toValueList(attribute, value, options);
  if (isUnassigned(value)) return undefined;
  return attribute.type === 'complex'
    ? toComplexValue(attribute, value, options)
    : toSimpleValue(attribute, value, options);
};

/** All values of a multi-valued attribute: no unassigned ones, none twice, one primary at most (RFC 7643 §2.4). */
const toValueList = (
  attribute: Attribute,
  value: unknown,
  options: ValidationOptions,
): readonly ScimValue[] | undefined => {
  const values = distinct(toElements(attribute, value, options));
  checkPrimary(attribute, values);
  return values.length === 0 ? undefined : values;
};

/** The assigned values that a client sent; a single value need not stand in a list (OneLogin's `"emails": {…}`). */
export const toElements = (attribute: Attribute, value: unknown, options: ValidationOptions): readonly ScimValue[] => {
  if (isUnassigned(value)) return [];
  const sent: readonly unknown[] = Array.isArray(value) ? value : [value];
  checkCount(attribute, sent.length);
  const values: ScimValue[] = [];
  for (const one of sent) {
    if (isUnassigned(one)) continue;
    const element =
      attribute.type === 'complex' ? toComplexValue(attribute, one, options) : toSimpleValue(attribute, one, options);
    if (element !== undefined) values.push(element);
  }
  return values;
};

export const checkCount = (attribute: Attribute, count: number): void => {
  if (count <= limits.valuesPerAttribute) return;
  throw invalidValue(`"${attribute.path}" has ${count} values; ${limits.valuesPerAttribute} are allowed.`);
};

const toComplexValue = (attribute: Attribute, value: unknown, options: ValidationOptions): ScimObject | undefined =>
  settle(attribute, {}, toParts(attribute, value, options));

/**
 * The sub-attributes in a complex value. A bare string stands for `value` (Entra's `"manager": "<id>"`), a list of one for its element.
 * Read-only sub-attributes are ignored.
 */
export const toParts = (attribute: Attribute, value: unknown, options: ValidationOptions): Parts => {
  const valueAttribute = attribute.subAttributes.get('value');
  if (Array.isArray(value) && value.length === 1) return toParts(attribute, value[0], options);
  if (valueAttribute !== undefined && typeof value === 'string') {
    return { [valueAttribute.name]: toAttributeValue(valueAttribute, value, options) };
  }
  if (!isObject(value)) throw wrongType(attribute, 'an object with its sub-attributes');
  const parts: Record<string, ScimValue | undefined> = {};
  for (const [name, part] of Object.entries(value)) {
    const sub = findSubAttribute(attribute, name, options);
    if (sub === undefined || sub.mutability === 'readOnly') continue;
    if (Object.hasOwn(parts, sub.name)) throw invalidSyntax(`"${sub.path}" is given more than once.`);
    parts[sub.name] = toAttributeValue(sub, part, options);
  }
  return parts;
};

const findSubAttribute = (attribute: Attribute, name: string, { strict }: ValidationOptions): Attribute | undefined => {
  const key = name.toLowerCase();
  const sub = attribute.subAttributes.get(key) ?? legacySubAttribute(attribute, key);
  if (sub === undefined && strict === true) throw invalidSyntax(`"${attribute.path}" has no sub-attribute "${name}".`);
  return sub;
};

/** `current` with the parts set or cleared; undefined when nothing is left that says anything. Throws when a required part is missing. */
export const settle = (attribute: Attribute, current: ScimObject, parts: Parts): ScimObject | undefined => {
  const settled: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(current)) if (!Object.hasOwn(parts, name)) settled[name] = value;
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) settled[name] = value;
  if (referenceIsStale(current, parts)) delete settled['$ref'];
  if (valueIsCleared(parts) && Object.keys(settled).every(isLabel)) return undefined;
  const value = unlessEmpty(settled);
  if (value !== undefined) checkRequiredParts(attribute, value);
  return value;
};

/** A `$ref` that is not sent along with another `value` would point to the former one. */
const referenceIsStale = (current: ScimObject, parts: Parts): boolean =>
  Object.hasOwn(current, '$ref') &&
  Object.hasOwn(parts, 'value') &&
  !Object.hasOwn(parts, '$ref') &&
  parts['value'] !== current['value'];

const valueIsCleared = (parts: Parts): boolean => Object.hasOwn(parts, 'value') && parts['value'] === undefined;

/** An e-mail of type work whose address was cleared is no e-mail any more. */
const isLabel = (name: string): boolean => name === 'type' || name === 'primary';

const checkRequiredParts = (attribute: Attribute, value: ScimObject): void => {
  for (const sub of attribute.subAttributes.values()) {
    if (sub.required && sub.mutability !== 'readOnly' && !Object.hasOwn(value, sub.name)) {
      throw invalidValue(`"${sub.path}" is required.`);
    }
  }
};

export const isPrimary = (value: ScimValue | undefined): boolean => isScimObject(value) && value['primary'] === true;

export const checkPrimary = (attribute: Attribute, values: readonly ScimValue[]): void => {
  if (values.filter(isPrimary).length > 1) {
    throw invalidValue(`"${attribute.path}" has more than one value with primary true; one is allowed.`);
  }
};
