import { TenancyError } from '../refusal.js';

/** A resource type of a tenant's own (RFC 7643 §6). */
export type CustomResourceType = Readonly<{
  name: string;
  /** With its slash, as in `/Roles`. */
  endpoint: string;
  description: string;
  /** The base schema: a preset of the service, or one that the tenant has registered. */
  schema: string;
  schemaExtensions: readonly Readonly<{ schema: string; required: boolean }>[];
}>;

const LONGEST_TEXT = 1_000;
const MOST_EXTENSIONS = 10;
/** Names stand in paths, in keys of Kafka records and in audit entries. */
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const ENDPOINT = /^\/[A-Za-z][A-Za-z0-9_-]{0,63}$/;
/** What the service, the RFCs and the audit mean by these words. */
const RESERVED = [
  'User',
  'Group',
  'Me',
  'Self',
  'Bulk',
  'Schema',
  'ResourceType',
  'ServiceProviderConfig',
  'Tenant',
  'Resource',
  'Custom',
];
const reservedNames = new Set(RESERVED.flatMap((word) => [word.toLowerCase(), `${word.toLowerCase()}s`]));

/** `schemas` and `meta` stand in what a read answers, so that it can be sent back as it is. */
const documentMembers = ['schemas', 'id', 'name', 'description', 'endpoint', 'schema', 'schemaExtensions', 'meta'];
const extensionMembers = ['schema', 'required'];

/**
 * Checks a ResourceType document (RFC 7643 §6); `name` is the one in the path. Closed, like a Schema document. Throws `resource-type-invalid`,
 * which names the place. Whether its schemas are there is for the control stream to say.
 */
export const parseResourceTypeDocument = (
  name: string,
  document: Readonly<Record<string, unknown>>,
): CustomResourceType => {
  if (!NAME.test(name) || reservedNames.has(name.toLowerCase()))
    throw invalid('name', 'must be a letter followed by at most 63 letters, digits, "-" and "_", and no reserved word');
  checkMembers('', document, documentMembers);
  for (const member of ['id', 'name'])
    if (document[member] !== undefined && document[member] !== name)
      throw invalid(member, 'must be the name in the path, or be left out');
  const { endpoint, schemaExtensions = [] } = document;
  if (typeof endpoint !== 'string' || !ENDPOINT.test(endpoint) || reservedNames.has(endpoint.slice(1).toLowerCase()))
    throw invalid('endpoint', 'must be like "/Roles": letters, digits, "-" and "_", and none that the service has');
  if (!Array.isArray(schemaExtensions) || schemaExtensions.length > MOST_EXTENSIONS)
    throw invalid('schemaExtensions', `must be a list of at most ${MOST_EXTENSIONS} extensions`);
  const extensions = schemaExtensions.map((sent: unknown, index) => extensionOf(`schemaExtensions[${index}]`, sent));
  const schema = urnOf('schema', document['schema']);
  const named = [schema, ...extensions.map((extension) => extension.schema)].map((urn) => urn.toLowerCase());
  if (new Set(named).size < named.length) throw invalid('schemaExtensions', 'must name each schema once');
  return { name, endpoint, description: textOf(document['description']), schema, schemaExtensions: extensions };
};

const extensionOf = (place: string, sent: unknown): CustomResourceType['schemaExtensions'][number] => {
  if (typeof sent !== 'object' || sent === null || Array.isArray(sent)) throw invalid(place, 'must be an object');
  const given = sent as Readonly<Record<string, unknown>>;
  checkMembers(place, given, extensionMembers);
  const { required = false } = given;
  if (typeof required !== 'boolean') throw invalid(`${place}.required`, 'must be true or false');
  return { schema: urnOf(`${place}.schema`, given['schema']), required };
};

const urnOf = (place: string, value: unknown): string => {
  if (typeof value === 'string' && value.length <= LONGEST_TEXT) return value;
  throw invalid(place, 'must be the URN of a schema');
};

const textOf = (value: unknown = ''): string => {
  if (typeof value === 'string' && value.length <= LONGEST_TEXT && value.isWellFormed() && !value.includes('\0'))
    return value;
  throw invalid('description', `must be a text of at most ${LONGEST_TEXT} characters`);
};

const checkMembers = (place: string, value: object, allowed: readonly string[]): void => {
  const unknown = Object.keys(value).find((member) => !allowed.includes(member));
  if (unknown !== undefined)
    throw invalid(place, `has the unknown member "${unknown.slice(0, 100)}"; known are ${allowed.join(', ')}`);
};

const invalid = (place: string, what: string): TenancyError =>
  new TenancyError('resource-type-invalid', `${place === '' ? 'The resource type' : `"${place}"`} ${what}.`);
