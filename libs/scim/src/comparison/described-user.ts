import { invalidSyntax, invalidValue } from '../messages/scim-error.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { Attribute, ResourceSchema } from '../schemas/resource-schema.js';
import { toAttributeValue, toParts } from '../validation/attribute-value.js';
import { isUnassigned } from '../validation/simple-value.js';
import { parseDateTime } from '../values/date-time.js';
import { distinct, sameValue } from '../values/equality.js';
import { fold } from '../values/folding.js';
import { isList, isObject, isScimObject, own } from '../values/scim-value.js';
import type { Attributes, ScimObject, ScimValue } from '../values/scim-value.js';

/** What somebody else says of one attribute of a user, or of one part of it; undefined: that it has no value. */
interface Statement {
  readonly attribute: Attribute;
  readonly value: ScimValue | undefined;
}

/** What another directory says of a user, attribute by attribute: of as many as it likes to name. */
export interface DescribedUser {
  readonly userName: string | undefined;
  readonly externalId: string | undefined;
  readonly statements: readonly Statement[];
}

/**
 * Reads a description of a user: attributes as in the body of a PUT, none of them required. A complex attribute with one value says
 * something of the parts that it names alone; `active` is true unless told. What the schema does not know, or no client writes, is passed
 * over. Throws ScimError 400 `invalidSyntax` and `invalidValue`.
 */
export const describeUser = (document: unknown, schema: ResourceSchema): DescribedUser => {
  if (!isObject(document)) throw invalidSyntax('A user must be a JSON object with its attributes.');
  const statements = new Map<string, Statement>();
  const state = (attribute: Attribute, sent: unknown): void => {
    if (!isWritten(attribute)) return;
    for (const statement of statementsOf(attribute, sent)) {
      const { path } = statement.attribute;
      if (statements.has(path)) throw invalidSyntax(`"${path}" is given more than once.`);
      statements.set(path, statement);
    }
  };
  for (const [name, sent] of Object.entries(document)) {
    const target = findTarget(schema, name);
    if (target.kind === 'attribute' && target.subAttribute === undefined) state(target.attribute, sent);
    else if (target.kind === 'extension') {
      const { urn, attributes } = target.extension;
      for (const [inner, one] of membersOf(urn, sent)) {
        const attribute = attributes.get(inner.toLowerCase());
        if (attribute !== undefined) state(attribute, one);
      }
    }
  }
  assumeActive(statements, schema);
  return {
    userName: textAt(statements, 'userName'),
    externalId: textAt(statements, 'externalId'),
    statements: [...statements.values()],
  };
};

const isWritten = ({ mutability }: Attribute): boolean => mutability !== 'readOnly' && mutability !== 'writeOnly';

const statementsOf = (attribute: Attribute, sent: unknown): readonly Statement[] => {
  if (attribute.multiValued || attribute.type !== 'complex' || isUnassigned(sent))
    return [{ attribute, value: toAttributeValue(attribute, sent, {}) }];
  return Object.entries(toParts(attribute, sent, {})).flatMap(([name, value]) => {
    const part = attribute.subAttributes.get(name.toLowerCase());
    return part === undefined || isAddress(part) ? [] : [{ attribute: part, value }];
  });
};

const membersOf = (urn: string, container: unknown): readonly (readonly [string, unknown])[] => {
  if (isUnassigned(container)) return [];
  if (!isObject(container)) throw invalidValue(`"${urn}" must be an object with the attributes of that schema.`);
  return Object.entries(container);
};

const assumeActive = (statements: Map<string, Statement>, { base }: ResourceSchema): void => {
  const attribute = base.attributes.get('active');
  if (attribute === undefined || statements.get(attribute.path)?.value !== undefined) return;
  statements.set(attribute.path, { attribute, value: true });
};

const textAt = (statements: ReadonlyMap<string, Statement>, path: string): string | undefined => {
  const value = statements.get(path)?.value;
  return typeof value === 'string' ? value : undefined;
};

/**
 * The paths at which a user, `active` among the attributes, is not as described. Values are compared as their schema says: without case
 * unless it is exact, many in any order, times as moments. A `primary` of false says no more than none (RFC 7643 §2.4); `$ref` is not compared.
 */
export const differingPaths = ({ statements }: DescribedUser, user: Attributes): readonly string[] =>
  statements
    .filter(
      ({ attribute, value }) => !sameValue(comparable(attribute, value), comparable(attribute, held(attribute, user))),
    )
    .map(({ attribute }) => attribute.path);

const held = (attribute: Attribute, user: Attributes): ScimValue | undefined => {
  const { parent, extension, name } = attribute;
  const holder = parent === undefined ? (extension === undefined ? user : own(user, extension)) : held(parent, user);
  return isScimObject(holder) ? own(holder, name) : undefined;
};

const comparable = (attribute: Attribute, value: ScimValue | undefined): ScimValue | undefined => {
  if (value === undefined) return undefined;
  return isList(value) ? distinct(value.map((one) => comparableOne(attribute, one))) : comparableOne(attribute, value);
};

const comparableOne = (attribute: Attribute, value: ScimValue): ScimValue => {
  if (isScimObject(value)) return comparableParts(attribute, value);
  if (typeof value !== 'string') return value;
  if (attribute.type === 'dateTime') return parseDateTime(value) ?? value;
  return attribute.caseExact ? value : fold(value);
};

const comparableParts = ({ subAttributes }: Attribute, value: ScimObject): ScimObject => {
  const parts: Record<string, ScimValue> = {};
  for (const [name, part] of Object.entries(value)) {
    const attribute = subAttributes.get(name.toLowerCase());
    const compared = attribute === undefined ? part : comparable(attribute, part);
    const isSilent = attribute !== undefined && (isAddress(attribute) || (name === 'primary' && part === false));
    if (compared !== undefined && !isSilent) parts[name] = compared;
  }
  return parts;
};

/** Whoever holds a resource gives it an address of their own. */
const isAddress = ({ name }: Attribute): boolean => name === '$ref';
