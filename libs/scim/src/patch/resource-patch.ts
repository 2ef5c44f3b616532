import { invalidValue, mutability, noTarget, ScimError } from '../messages/scim-error.js';
import { loneValue } from '../quirks/lone-value.js';
import type { Attribute, ResourceSchema, SchemaPart } from '../schemas/resource-schema.js';
import { settle, toAttributeValue, toParts } from '../validation/attribute-value.js';
import { checkImmutable } from '../validation/immutable.js';
import { splitActive } from '../validation/resource-body.js';
import { isUnassigned } from '../validation/simple-value.js';
import { sameValue } from '../values/equality.js';
import { isList, isObject, isScimObject, own, unlessEmpty, withValue } from '../values/scim-value.js';
import type { Attributes, ScimObject, ScimValue } from '../values/scim-value.js';
import { patchValues } from './multi-valued-patch.js';
import { findPlace, unknownPath } from './patch-place.js';
import type { AttributePlace, PatchPlace } from './patch-place.js';
import type { PatchOptions } from './patch-options.js';
import type { PatchOperation } from './patch-request.js';

export interface PatchResult {
  readonly attributes: Attributes;
  /** False when all operations together left everything as it was: then `attributes` is the object that came in. */
  readonly changed: boolean;
}

/**
 * Applies operations in order, each seeing what the former did, to a copy of `attributes` (RFC 7644 §3.5.2). Throws ScimError 400
 * and leaves nothing half done. Members of groups are not for here: see `splitGroupPatch`.
 */
export const applyPatch = (
  attributes: Attributes,
  operations: readonly PatchOperation[],
  schema: ResourceSchema,
  options: PatchOptions = {},
): PatchResult => {
  const patched = operations.reduce(
    (document, operation, index) => located(index, () => applyOperation(document, operation, schema, options)),
    attributes,
  );
  if (sameValue(attributes, patched)) return { attributes, changed: false };
  checkImmutable(attributes, patched, schema);
  checkRequiredExtensions(attributes, patched, schema);
  return { attributes: patched, changed: true };
};

/** A required extension may not go with its last attribute (RFC 7643 §6). One that was never there is not this request's fault. */
const checkRequiredExtensions = (before: Attributes, after: Attributes, schema: ResourceSchema): void => {
  for (const { urn, required } of schema.extensions.values()) {
    if (required && Object.hasOwn(before, urn) && !Object.hasOwn(after, urn)) {
      throw mutability(`"${urn}" is required: it cannot be removed.`);
    }
  }
};

export interface UserPatchResult extends PatchResult {
  readonly active: boolean;
}

/** `applyPatch` for a user, whose `active` is kept apart; removed, it is true again. */
export const applyUserPatch = (
  user: { readonly attributes: Attributes; readonly active: boolean },
  operations: readonly PatchOperation[],
  schema: ResourceSchema,
  options: PatchOptions = {},
): UserPatchResult => {
  const result = applyPatch({ ...user.attributes, active: user.active }, operations, schema, options);
  if (!result.changed) return { attributes: user.attributes, active: user.active, changed: false };
  const { attributes, active = true } = splitActive(result.attributes);
  const changed = active !== user.active || !sameValue(attributes, user.attributes);
  return { attributes, active, changed };
};

const located = <Result>(index: number, apply: () => Result): Result => {
  try {
    return apply();
  } catch (error) {
    if (!(error instanceof ScimError)) throw error;
    throw new ScimError(error.status, error.scimType, `Operations[${index}]: ${error.detail}`);
  }
};

const applyOperation = (
  document: Attributes,
  operation: PatchOperation,
  schema: ResourceSchema,
  options: PatchOptions,
): Attributes => {
  const place: PatchPlace = operation.path === undefined ? { kind: 'resource' } : findPlace(schema, operation.path);
  switch (place.kind) {
    case 'resource':
      if (operation.op === 'remove') throw noTarget('A remove operation needs a path that says what to remove.');
      return merge(document, operation, schema, options);
    case 'extension':
      return patchExtension(document, place.extension, operation, schema, options);
    case 'attribute':
      return refusesWriting(place, operation) ? document : patchAttribute(document, place, operation, options);
    case 'unknown':
      // Data of a schema that this service does not know is none of its business, as in POST; a slip in a known one is told.
      if (place.schemaKnown || options.strict === true) throw unknownPath(operation.path ?? '', options);
      return document;
  }
};

/** Throws for a target that clients may not write (RFC 7644 §3.5.2); true for one whose value is taken and discarded. */
const refusesWriting = ({ attribute, subAttribute }: AttributePlace, { op }: PatchOperation): boolean => {
  const target = subAttribute ?? attribute;
  // Clients may announce an extension; the list follows the data in any case.
  if (target.path === 'schemas' && op !== 'remove') return true;
  if (target.mutability === 'readOnly' || attribute.mutability === 'readOnly') {
    throw mutability(`"${target.path}" is read-only.`);
  }
  return isDiscarded(attribute);
};

const isDiscarded = (attribute: Attribute): boolean => attribute.mutability === 'writeOnly';

/**
 * A value without a path: each member is an operation of its own. Names may be dotted, URNs or whole paths (Entra), and what is
 * read-only or unknown in it is passed over, since clients send back what they read (Okta repeats the `id`).
 */
const merge = (
  document: Attributes,
  { op, value }: PatchOperation,
  schema: ResourceSchema,
  options: PatchOptions,
): Attributes => {
  if (!isObject(value)) throw invalidValue('Without a path the value must be an object with the attributes to set.');
  return Object.entries(value).reduce<Attributes>((patched, [name, part]) => {
    const place = placeOfMember(schema, name);
    if (place.kind === 'extension') {
      return patchExtension(patched, place.extension, { op, path: name, value: part }, schema, options);
    }
    if (place.kind === 'attribute') {
      const { attribute, subAttribute } = place;
      const readOnly = attribute.mutability === 'readOnly' || subAttribute?.mutability === 'readOnly';
      return readOnly || isDiscarded(attribute)
        ? patched
        : patchAttribute(patched, place, { op, value: part }, options);
    }
    if (options.strict === true) throw unknownPath(name, options);
    return patched;
  }, document);
};

const placeOfMember = (schema: ResourceSchema, name: string): PatchPlace => {
  try {
    return findPlace(schema, name);
  } catch (error) {
    // A name that is no path is one more unknown attribute.
    if (error instanceof ScimError) return { kind: 'unknown', schemaKnown: false };
    throw error;
  }
};

const patchExtension = (
  document: Attributes,
  extension: SchemaPart,
  { op, value }: Pick<PatchOperation, 'op' | 'value' | 'path'>,
  schema: ResourceSchema,
  options: PatchOptions,
): Attributes => {
  if (op === 'remove' || isUnassigned(value)) {
    return withoutExtension(document, extension);
  }
  if (!isObject(value)) throw invalidValue(`"${extension.urn}" must be an object with the attributes of that schema.`);
  const qualified = Object.entries(value).map(([name, part]) => [`${extension.urn}:${name}`, part]);
  return merge(document, { op, path: undefined, value: Object.fromEntries(qualified) as unknown }, schema, options);
};

const withoutExtension = (document: Attributes, extension: SchemaPart): Attributes => {
  for (const attribute of extension.attributes.values()) {
    if (attribute.required) throw mutability(`"${attribute.path}" is required.`);
  }
  return withValue(document, extension.urn, undefined);
};

const patchAttribute = (
  document: Attributes,
  place: AttributePlace,
  operation: Pick<PatchOperation, 'op' | 'value'>,
  options: PatchOptions,
): Attributes => {
  const { attribute, subAttribute } = place;
  const stored = attribute.extension === undefined ? document : own(document, attribute.extension);
  const container: ScimObject = isScimObject(stored) ? stored : {};
  const current = own(container, attribute.name);
  const value = loneValue(subAttribute ?? attribute, operation.value);
  const patched = patchValue(place, current, { op: operation.op, value }, options);
  if (patched === undefined && attribute.required)
    throw mutability(`"${attribute.path}" is required: it cannot be removed.`);
  const next = withValue(container, attribute.name, sameValue(current, patched) ? current : patched);
  return attribute.extension === undefined ? next : withValue(document, attribute.extension, unlessEmpty(next));
};

const patchValue = (
  place: AttributePlace,
  current: ScimValue | undefined,
  operation: Pick<PatchOperation, 'op' | 'value'>,
  options: PatchOptions,
): ScimValue | undefined => {
  const { attribute, subAttribute } = place;
  if (attribute.multiValued) {
    const values = patchValues(place, isList(current) ? current : [], operation, options);
    return values.length === 0 ? undefined : values;
  }
  const complex = isScimObject(current) ? current : {};
  if (subAttribute !== undefined) {
    const part = operation.op === 'remove' ? undefined : toAttributeValue(subAttribute, operation.value, options);
    return settleRequired(attribute, complex, { [subAttribute.name]: part });
  }
  if (operation.op === 'remove' || isUnassigned(operation.value)) return undefined;
  if (attribute.type !== 'complex') return toAttributeValue(attribute, operation.value, options);
  // The sub-attributes not named stay as they are (RFC 7644 §3.5.2.3), but for the interoperability profile.
  const kept = operation.op === 'replace' && options.replacesWhole === true ? {} : complex;
  return settle(attribute, kept, toParts(attribute, operation.value, options));
};

const settleRequired = (
  attribute: Attribute,
  current: ScimObject,
  parts: Readonly<Record<string, ScimValue | undefined>>,
): ScimObject | undefined => {
  for (const sub of attribute.subAttributes.values()) {
    if (sub.required && Object.hasOwn(parts, sub.name) && parts[sub.name] === undefined) {
      throw mutability(`"${sub.path}" is required: it cannot be removed.`);
    }
  }
  return settle(attribute, current, parts);
};
