import type { AttributeDefinition, AttributeType, SchemaDefinition } from '#scim';
import { TenancyError } from '../refusal.js';

/** Keeps an event far below what the log takes, and a tenant's schemas small enough to be at hand. */
const MOST_CHARACTERS = 65_536;
/** Attributes and sub-attributes together. */
const MOST_ATTRIBUTES = 200;
const MOST_CANONICAL_VALUES = 200;
const LONGEST_NAME = 100;
const LONGEST_TEXT = 1_000;

const attributeName = /^[A-Za-z][\w-]*$/;

const types: readonly AttributeType[] = [
  'string',
  'boolean',
  'decimal',
  'integer',
  'dateTime',
  'reference',
  'binary',
  'complex',
];

/** What an RFC 7643 Schema document says, and what it is for. */
export interface SchemaDocument {
  readonly schema: SchemaDefinition;
  /** Undefined when the document does not say. */
  readonly resourceType: ExtendedType | undefined;
  /** Every resource of that type must carry the extension (RFC 7643 §6). */
  readonly required: boolean;
}

/** What a schema of a tenant's own extends. `Custom`: neither users nor groups, it is for resource types of the tenant's own. */
export const extendedTypes = ['User', 'Group', 'Custom'] as const;
export type ExtendedType = (typeof extendedTypes)[number];

/**
 * Checks a Schema document (RFC 7643 §7) and fills in the defaults of §2.2; `urn` is its id. Closed: a member that is none is refused, since
 * it is a slip. Throws `schema-invalid`, which names the place. What depends on the purpose is for `checkPurpose`.
 */
export const parseSchemaDocument = (urn: string, document: Readonly<Record<string, unknown>>): SchemaDocument => {
  if (JSON.stringify(document).length > MOST_CHARACTERS)
    throw invalid('', `a schema document has at most ${MOST_CHARACTERS} characters`);
  checkMembers('', document, documentMembers);
  if (document['id'] !== undefined && (typeof document['id'] !== 'string' || !sameUrn(document['id'], urn)))
    throw invalid('id', 'must be the URN in the path, or be left out');
  const attributes = attributesOf('attributes', document['attributes'], false);
  const count = attributes.reduce((total, { subAttributes = [] }) => total + 1 + subAttributes.length, 0);
  if (count > MOST_ATTRIBUTES)
    throw invalid('attributes', `at most ${MOST_ATTRIBUTES} attributes and sub-attributes are allowed`);
  return {
    schema: {
      id: urn,
      name: textOf('name', document['name']) ?? urn,
      description: textOf('description', document['description']) ?? '',
      attributes,
    },
    resourceType: oneOf('resourceType', document['resourceType'], extendedTypes),
    required: flagOf('required', document['required']) ?? false,
  };
};

const sameUrn = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/** `schemas` and `meta` stand in what a read answers, so that it can be sent back as it is. */
const documentMembers = ['schemas', 'id', 'name', 'description', 'attributes', 'meta', 'resourceType', 'required'];
const attributeMembers = [
  'name',
  'type',
  'multiValued',
  'description',
  'required',
  'caseExact',
  'mutability',
  'returned',
  'uniqueness',
  'canonicalValues',
  'referenceTypes',
  'subAttributes',
];

const attributesOf = (place: string, value: unknown, within: boolean): readonly AttributeDefinition[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalid(place, 'must be a list of at least one attribute');
  const names = new Set<string>();
  return value.map((sent: unknown, index) => {
    const attribute = attributeOf(`${place}[${index}]`, sent, within);
    const key = attribute.name.toLowerCase();
    if (names.has(key)) throw invalid(`${place}[${index}].name`, 'is given twice; names are compared without case');
    names.add(key);
    return attribute;
  });
};

const attributeOf = (place: string, sent: unknown, within: boolean): AttributeDefinition => {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw invalid(place, 'must be an object');
  const at = (member: string): string => `${place}.${member}`;
  const given = sent as Readonly<Record<string, unknown>>;
  checkMembers(place, given, attributeMembers);
  const type = oneOf(at('type'), given['type'], types) ?? 'string';
  const exact = type === 'reference' || type === 'binary'; // RFC 7643 §2.3.6, §2.3.7, erratum 6001
  const canonicalValues = textsOf(at('canonicalValues'), given['canonicalValues']);
  return {
    name: nameOf(at('name'), given['name'], { within, type }),
    type,
    multiValued: flagOf(at('multiValued'), given['multiValued']) ?? false,
    description: textOf(at('description'), given['description']) ?? '',
    required: flagOf(at('required'), given['required']) ?? false,
    caseExact: flagOf(at('caseExact'), given['caseExact']) ?? exact,
    mutability: mutabilityOf(at('mutability'), given['mutability']),
    returned: returnedOf(at('returned'), given['returned']),
    uniqueness: uniquenessOf(at('uniqueness'), given['uniqueness']),
    ...(canonicalValues === undefined ? {} : { canonicalValues }),
    ...referenceTypesOf(at('referenceTypes'), given['referenceTypes'], type),
    ...subAttributesOf(at('subAttributes'), given['subAttributes'], { within, type }),
  };
};

interface Surroundings {
  /** Whether it is a sub-attribute. */
  readonly within: boolean;
  readonly type: AttributeType;
}

const nameOf = (place: string, value: unknown, { within, type }: Surroundings): string => {
  if (typeof value === 'string' && value.length <= LONGEST_NAME && attributeName.test(value)) return value;
  if (value === '$ref' && within && type === 'reference') return value;
  throw invalid(
    place,
    `must be a letter followed by letters, digits, "-" and "_", at most ${LONGEST_NAME} characters; "$ref" only for a sub-attribute of type reference`,
  );
};

/** Nobody could ever fill a read-only attribute, and what is write-only would be thrown away: no part of the system reads it. */
const mutabilityOf = (place: string, value: unknown): AttributeDefinition['mutability'] =>
  oneOf(place, value, ['readWrite', 'immutable'] as const) ?? 'readWrite';

/** What is never returned would still stand in the records that other applications read: such a promise cannot be kept. */
const returnedOf = (place: string, value: unknown): AttributeDefinition['returned'] =>
  oneOf(place, value, ['always', 'default', 'request'] as const) ?? 'default';

const uniquenessOf = (place: string, value: unknown): AttributeDefinition['uniqueness'] =>
  oneOf(place, value, ['none', 'server'] as const) ?? 'none';

const referenceTypesOf = (
  place: string,
  value: unknown,
  type: AttributeType,
): Pick<AttributeDefinition, 'referenceTypes'> => {
  const referenceTypes = textsOf(place, value);
  if (type === 'reference') return { referenceTypes: referenceTypes ?? ['uri'] };
  if (referenceTypes !== undefined) throw invalid(place, 'belongs to attributes of type reference');
  return {};
};

const subAttributesOf = (
  place: string,
  value: unknown,
  { within, type }: Surroundings,
): Pick<AttributeDefinition, 'subAttributes'> => {
  if (type === 'complex') {
    if (within) throw invalid(place, 'cannot be there: a complex attribute holds no complex ones (RFC 7643 §2.3.8)');
    return { subAttributes: attributesOf(place, value, true) };
  }
  if (value !== undefined && !(Array.isArray(value) && value.length === 0))
    throw invalid(place, 'belongs to attributes of type complex');
  return {};
};

const checkMembers = (place: string, value: Readonly<Record<string, unknown>>, allowed: readonly string[]): void => {
  const unknown = Object.keys(value).find((member) => !allowed.includes(member));
  if (unknown !== undefined)
    throw invalid(place, `has the unknown member "${unknown.slice(0, LONGEST_NAME)}"; known are ${allowed.join(', ')}`);
};

const oneOf = <Value extends string>(place: string, value: unknown, allowed: readonly Value[]): Value | undefined => {
  if (value === undefined) return undefined;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw invalid(place, `must be one of ${allowed.join(', ')}`);
  return found;
};

const flagOf = (place: string, value: unknown): boolean | undefined => {
  if (value === undefined || typeof value === 'boolean') return value;
  throw invalid(place, 'must be true or false');
};

const textOf = (place: string, value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length <= LONGEST_TEXT && value.isWellFormed() && !value.includes('\0'))
    return value;
  throw invalid(place, `must be a text of at most ${LONGEST_TEXT} characters`);
};

const textsOf = (place: string, value: unknown): readonly string[] | undefined => {
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || value.length > MOST_CANONICAL_VALUES)
    throw invalid(place, `must be a list of at most ${MOST_CANONICAL_VALUES} texts`);
  return value.map((text: unknown, index) => {
    const checked = textOf(`${place}[${index}]`, text);
    if (checked === undefined) throw invalid(`${place}[${index}]`, 'must be a text');
    return checked;
  });
};

const invalid = (place: string, what: string): TenancyError =>
  new TenancyError('schema-invalid', `${place === '' ? 'The schema document' : `"${place}"`}: ${what}.`);
