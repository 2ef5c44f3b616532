import { matchesElement } from '../filter/filter-evaluation.js';
import { invalidValue, noTarget } from '../messages/scim-error.js';
import type { Attribute } from '../schemas/resource-schema.js';
import { checkCount, isPrimary, settle, toAttributeValue, toElements, toParts } from '../validation/attribute-value.js';
import type { Parts } from '../validation/attribute-value.js';
import { isUnassigned } from '../validation/simple-value.js';
import { distinct } from '../values/equality.js';
import { isScimObject } from '../values/scim-value.js';
import type { ScimObject, ScimValue } from '../values/scim-value.js';
import { equalities } from './patch-place.js';
import type { AttributePlace } from './patch-place.js';
import type { PatchOptions } from './patch-options.js';
import type { PatchOperation } from './patch-request.js';
import { ValueIndex } from './value-index.js';

type Values = readonly ScimValue[];
type Operation = Pick<PatchOperation, 'op' | 'value'>;

/** The values of a multi-valued attribute after one operation (RFC 7644 §3.5.2); may be empty. Throws ScimError 400. */
export const patchValues = (
  place: AttributePlace,
  current: Values,
  operation: Operation,
  options: PatchOptions,
): Values => {
  const values = changeValues(place, current, operation, options);
  checkCount(place.attribute, values.length);
  if (values === current) return current;
  // Once more at the end: a value that is no longer primary may now say the same as another.
  return distinct(keepOnePrimary(place.attribute, current, distinct(values)));
};

const changeValues = (place: AttributePlace, current: Values, operation: Operation, options: PatchOptions): Values => {
  if (place.subAttribute !== undefined) return changeParts(place, place.subAttribute, current, operation, options);
  if (place.filter !== undefined) return changeMatching(place, current, operation, options);
  switch (operation.op) {
    case 'add':
      return addValues(place.attribute, current, toElements(place.attribute, operation.value, options));
    case 'replace':
      return toElements(place.attribute, operation.value, options);
    case 'remove':
      return removeListed(place.attribute, current, operation.value, options);
  }
};

/** Without a value all go; with a list only those listed, as Entra means it: taking all away would lose data. */
const removeListed = (attribute: Attribute, current: Values, value: unknown, options: PatchOptions): Values => {
  if (value === undefined || value === null) return [];
  const index = new ValueIndex(attribute, current);
  const listed = new Set(toElements(attribute, value, options).flatMap((sent) => index.placesOf(sent)));
  return listed.size === 0 ? current : current.filter((_, place) => !listed.has(place));
};

/**
 * Adds each value unless it is there already, attribute by attribute (RFC 7644 §3.5.2.1). One of the same value and type takes up
 * what else was sent, for the same pair should not occur twice (RFC 7643 §2.4).
 */
const addValues = (attribute: Attribute, current: Values, sent: Values): Values => {
  const values = [...current];
  const index = new ValueIndex(attribute, values);
  for (const one of sent) {
    if (index.placesOf(one).length > 0) continue;
    const place = index.twinOf(one) ?? values.length;
    const twin = values[place];
    const value = isScimObject(twin) && isScimObject(one) ? { ...twin, ...one } : one;
    values[place] = value;
    index.set(place, value);
  }
  return values;
};

/** `emails[type eq "work"]`: all matching values are replaced, completed or taken away. */
const changeMatching = (
  place: AttributePlace,
  current: Values,
  { op, value }: Operation,
  options: PatchOptions,
): Values => {
  const { attribute } = place;
  if (op === 'remove' || isUnassigned(value)) return current.filter((one) => !isMatch(place, one));
  if (!current.some((one) => isMatch(place, one))) throw nothingMatches(attribute);
  const parts = toParts(attribute, value, options);
  return mapElements(current, (one) => {
    if (!isMatch(place, one)) return one;
    return settle(attribute, op === 'replace' ? {} : one, parts);
  });
};

/** `emails[type eq "work"].value`, or `emails.value` for every value. */
const changeParts = (
  place: AttributePlace,
  sub: Attribute,
  current: Values,
  { op, value }: Operation,
  options: PatchOptions,
): Values => {
  const part = op === 'remove' ? undefined : toAttributeValue(sub, value, options);
  const parts: Parts = { [sub.name]: part };
  if (current.some((one) => isMatch(place, one))) {
    return mapElements(current, (one) => (isMatch(place, one) ? settle(place.attribute, one, parts) : one));
  }
  if (part === undefined) return current; // what is not there need not be cleared (Entra clears what it believes is set)
  const created = settle(place.attribute, elementFor(place, sub, options), parts);
  return created === undefined ? current : [...current, created];
};

/**
 * The element that a filter of `eq` describes, made when Entra sets `addresses[type eq "work"].country` before there is one
 * (DESIGN.md 9). A filter on the very part to be set names an element that must exist.
 */
const elementFor = (
  { attribute, filter }: AttributePlace,
  sub: Attribute,
  { elementRequired }: PatchOptions,
): ScimObject => {
  if (filter === undefined) return {};
  if (elementRequired === true) throw nothingMatches(attribute);
  const described = equalities(filter);
  if (described === undefined || described.has(sub)) throw nothingMatches(attribute);
  return Object.fromEntries([...described].map(([{ name }, value]) => [name, value]));
};

const isMatch = ({ filter }: AttributePlace, one: ScimValue): boolean =>
  filter === undefined || matchesElement(filter, one);

const mapElements = (values: Values, change: (one: ScimObject) => ScimObject | undefined): Values =>
  values.flatMap((one) => {
    const changed = isScimObject(one) ? change(one) : one;
    return changed === undefined ? [] : [changed];
  });

/** Where the operation made one value primary, the others are so no longer (RFC 7644 §3.5.2). */
const keepOnePrimary = (attribute: Attribute, before: Values, after: Values): Values => {
  const primaries = after.filter(isPrimary);
  if (primaries.length < 2) return after;
  const made = primaries.filter((one) => !before.includes(one));
  if (made.length !== 1) throw invalidValue(`"${attribute.path}" would have more than one value with primary true.`);
  return after.map((one) =>
    isPrimary(one) && one !== made[0] && isScimObject(one) ? { ...one, primary: false } : one,
  );
};

const nothingMatches = (attribute: Attribute) =>
  noTarget(`No value of "${attribute.path}" matches the filter of the path.`);
