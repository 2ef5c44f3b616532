/** What an attribute may hold once checked: JSON without null, for null and absent are one state (RFC 7643 §2.5). */
export type ScimValue = string | number | boolean | readonly ScimValue[] | ScimObject;

/** A complex value, an extension's container, or a whole resource. */
export interface ScimObject {
  readonly [name: string]: ScimValue;
}

/**
 * The attributes of a resource as the client may write them: names in the case of their schema, extensions under their
 * URN, nothing unassigned, nothing read-only.
 */
export type Attributes = ScimObject;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isScimObject = (value: ScimValue | undefined): value is ScimObject => isObject(value);

export const isList = (value: ScimValue | undefined): value is readonly ScimValue[] => Array.isArray(value);

/** A property of the object's own: names such as `constructor` are legal in custom schemas. */
export const own = (object: ScimObject, name: string): ScimValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined;

/** A copy in which `name` holds `value`, or is gone when the value is undefined; the same object when nothing changes. */
export const withValue = (object: ScimObject, name: string, value: ScimValue | undefined): ScimObject => {
  if (own(object, name) === value) return object;
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _dropped, ...rest } = object;
  return rest;
};

/** The object, or undefined when nothing is left in it: an empty container counts as unassigned. */
export const unlessEmpty = (object: ScimObject): ScimObject | undefined =>
  Object.keys(object).length === 0 ? undefined : object;
