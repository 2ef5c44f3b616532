import { invalidSyntax, invalidValue } from '../messages/scim-error.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { Attribute, AttributeIndex, ResourceSchema, SchemaPart } from '../schemas/resource-schema.js';
import { isObject } from '../values/scim-value.js';
import type { Attributes, ScimValue } from '../values/scim-value.js';
import { toAttributeValue } from './attribute-value.js';
import type { ValidationOptions } from './attribute-value.js';
import { parseMembers } from './members.js';
import type { MemberInput } from './members.js';
import { isUnassigned } from './simple-value.js';

type Draft = Record<string, ScimValue>;

/**
 * Checks the body of a POST or PUT and returns what it assigns: canonical names, extensions under their URN, nothing read-only,
 * unknown, write-only or unassigned (RFC 7644 §3.3, §3.5.1). Throws ScimError 400 `invalidSyntax` for a body of the wrong shape and
 * `invalidValue` for values of the wrong type or a required attribute that is missing.
 */
export const parseResource = (body: unknown, schema: ResourceSchema, options: ValidationOptions = {}): Attributes =>
  parse(body, schema, options, undefined);

/** A user as its events hold it: `active` apart, since losing access is a fact of its own. */
export interface ParsedUser {
  readonly attributes: Attributes;
  /** Undefined when not sent: true for a new user, as it was for a replaced one. */
  readonly active: boolean | undefined;
}

/** `parseResource` for users. */
export const parseUser = (body: unknown, schema: ResourceSchema, options: ValidationOptions = {}): ParsedUser =>
  splitActive(parseResource(body, schema, options));

/** Takes `active` out of a user's attributes. */
export const splitActive = ({ active, ...attributes }: Attributes): ParsedUser => ({
  attributes,
  active: typeof active === 'boolean' ? active : undefined,
});

/** A group without its members in the document: there may be a million of them. */
export interface ParsedGroup {
  readonly attributes: Attributes;
  /** Undefined when `members` was not sent, empty when it was sent empty or null. */
  readonly members: readonly MemberInput[] | undefined;
}

/** `parseResource` for groups. */
export const parseGroup = (body: unknown, schema: ResourceSchema, options: ValidationOptions = {}): ParsedGroup => {
  let members: readonly MemberInput[] | undefined;
  const attributes = parse(body, schema, options, (attribute, value) => {
    if (attribute.path !== 'members') return false;
    members = parseMembers(value, options);
    return true;
  });
  return { attributes, members };
};

/** Takes a value out of the ordinary way; returns whether it did. */
type Intercept = (attribute: Attribute, value: unknown) => boolean;

const parse = (
  body: unknown,
  schema: ResourceSchema,
  options: ValidationOptions,
  intercept: Intercept | undefined,
): Attributes => {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object with the attributes of the resource.');
  checkSchemas(body, schema, options);
  const document: Draft = {};
  const containers = new Map<string, Draft>();
  const assign = (attribute: Attribute, value: unknown): void => {
    if (attribute.mutability === 'readOnly' || intercept?.(attribute, value) === true) return;
    const draft = attribute.extension === undefined ? document : containerOf(containers, attribute.extension);
    if (Object.hasOwn(draft, attribute.name)) throw invalidSyntax(`"${attribute.path}" is given more than once.`);
    const checked = toAttributeValue(attribute, value, options);
    if (checked !== undefined && attribute.mutability !== 'writeOnly') draft[attribute.name] = checked;
  };
  for (const [name, value] of Object.entries(body)) {
    const target = findTarget(schema, name);
    if (target.kind === 'attribute' && target.subAttribute === undefined) assign(target.attribute, value);
    else if (target.kind === 'extension') assignExtension(target.extension, value, assign, options);
    else if (options.strict === true) throw unknownAttribute(name);
  }
  for (const [urn, container] of containers) if (Object.keys(container).length > 0) document[urn] = container;
  checkRequired(document, schema);
  return document;
};

const containerOf = (containers: Map<string, Draft>, urn: string): Draft => {
  const existing = containers.get(urn);
  if (existing !== undefined) return existing;
  const created: Draft = {};
  containers.set(urn, created);
  return created;
};

const assignExtension = (
  extension: SchemaPart,
  value: unknown,
  assign: (attribute: Attribute, value: unknown) => void,
  options: ValidationOptions,
): void => {
  if (isUnassigned(value)) return;
  if (!isObject(value)) throw invalidValue(`"${extension.urn}" must be an object with the attributes of that schema.`);
  for (const [name, attributeValue] of Object.entries(value)) {
    const attribute = extension.attributes.get(name.toLowerCase());
    if (attribute !== undefined) assign(attribute, attributeValue);
    else if (options.strict === true) throw unknownAttribute(`${extension.urn}:${name}`);
  }
};

/** SCIM 1 names and schemas nobody here knows pass: OneLogin and Entra send them (`strict` refuses). */
const checkSchemas = (
  body: Readonly<Record<string, unknown>>,
  schema: ResourceSchema,
  { strict }: ValidationOptions,
): void => {
  const sent = memberWithoutCase(body, 'schemas');
  const list: readonly unknown[] = typeof sent === 'string' ? [sent] : Array.isArray(sent) ? sent : [];
  if (list.length === 0 || !list.every((urn) => typeof urn === 'string' && urn !== '')) {
    throw invalidSyntax(`"schemas" must be a list with the schema URIs of the resource, such as "${schema.base.urn}".`);
  }
  if (strict !== true) return;
  const urnsSent = list.map((urn) => String(urn).toLowerCase());
  if (!urnsSent.includes(schema.base.urn.toLowerCase()))
    throw invalidSyntax(`"schemas" must name "${schema.base.urn}".`);
  const unknown = urnsSent.find((urn) => urn !== schema.base.urn.toLowerCase() && !schema.extensions.has(urn));
  if (unknown !== undefined)
    throw invalidSyntax(`"schemas" names a schema that a ${schema.resourceType.name} does not have.`);
};

/** A member of a message whatever the case of its name: attribute names are case-insensitive (RFC 7644 §3.10). */
export const memberWithoutCase = (body: Readonly<Record<string, unknown>>, name: string): unknown => {
  if (Object.hasOwn(body, name)) return body[name];
  const key = Object.keys(body).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : body[key];
};

/** Every required attribute must be assigned, and a required extension present (RFC 7643 §2.2, §6). */
const checkRequired = (document: Attributes, schema: ResourceSchema): void => {
  checkPart(schema.base.attributes, document);
  for (const extension of schema.extensions.values()) {
    const container = Object.hasOwn(document, extension.urn) ? document[extension.urn] : undefined;
    if (isObject(container)) checkPart(extension.attributes, container);
    else if (extension.required) throw invalidValue(`"${extension.urn}" is required.`);
  }
};

const checkPart = (attributes: AttributeIndex, holder: object): void => {
  for (const attribute of attributes.values()) {
    const stored = attribute.mutability !== 'readOnly' && attribute.mutability !== 'writeOnly';
    if (!attribute.required || !stored || Object.hasOwn(holder, attribute.name)) continue;
    throw invalidValue(`"${attribute.path}" is required.`);
  }
};

const unknownAttribute = (name: string) => invalidSyntax(`There is no attribute "${name}".`);
