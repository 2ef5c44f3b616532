import type { Decider, Message } from '#event-sourcing';
import { sameValue, type AttributeDefinition, type SchemaDefinition, type ScimObject } from '#scim';
import { TenancyError } from '../refusal.js';
import { extendedTypes, parseSchemaDocument, type ExtendedType } from './schema-document.js';
import { checkPurpose } from './schema-purpose.js';

/** A schema of a tenant's own: an extension of users or groups, or a part of the tenant's own resource types. */
export type ExtensionSchema = Readonly<{
  urn: string;
  resourceType: ExtendedType;
  /** Every user or group must carry it. */
  required: boolean;
  schema: SchemaDefinition;
}>;

export type ExtensionSchemaCommand =
  | Message<'RegisterExtensionSchema', { urn: string; document: Readonly<Record<string, unknown>> }>
  | Message<'RemoveExtensionSchema', { urn: string }>;

export type ExtensionSchemaEvent =
  | Message<'ExtensionSchemaRegistered', ExtensionSchema>
  /** What stands under it stays in the log, and is shown again when the schema comes back. */
  | Message<'ExtensionSchemaRemoved', { urn: string }>;

/** What every attribute was when it first came, by lower-case path: values of it may be stored. */
type Shapes = ReadonlyMap<string, string>;
type Known = Readonly<{ urn: string; resourceType: ExtendedType; shapes: Shapes }>;

export type ExtensionSchemaState =
  | Readonly<{ status: 'absent' }>
  | Readonly<{ status: 'registered'; current: ExtensionSchema } & Known>
  | Readonly<{ status: 'removed' } & Known>;

const decide = (command: ExtensionSchemaCommand, state: ExtensionSchemaState): readonly ExtensionSchemaEvent[] => {
  switch (command.type) {
    case 'RegisterExtensionSchema':
      return register(command.data, state);
    case 'RemoveExtensionSchema':
      if (state.status !== 'registered')
        throw new TenancyError('schema-not-found', 'The tenant has no schema of its own with this URN.');
      return [{ type: 'ExtensionSchemaRemoved', data: { urn: state.urn } }];
  }
};

type Register = Extract<ExtensionSchemaCommand, { type: 'RegisterExtensionSchema' }>['data'];

const register = ({ urn: sent, document }: Register, state: ExtensionSchemaState): readonly ExtensionSchemaEvent[] => {
  const urn = state.status === 'absent' ? sent : state.urn; // values stand under the first spelling
  const parsed = parseSchemaDocument(urn, document);
  const { schema, resourceType = typeOf(urn, state), required } = parsed;
  checkPurpose(resourceType, parsed);
  const registered: ExtensionSchema = { urn, resourceType, required, schema };
  if (state.status !== 'absent') checkCompatible(state, registered);
  if (state.status === 'registered' && sameSchema(state.current, registered)) return [];
  return [{ type: 'ExtensionSchemaRegistered', data: registered }];
};

const sameSchema = (a: ExtensionSchema, b: ExtensionSchema): boolean =>
  sameValue(a as unknown as ScimObject, b as unknown as ScimObject); // both are JSON without null

/** What it was, else what its URN ends in, as those of the RFCs do (`…:2.0:User`), else users. */
const typeOf = (urn: string, state: ExtensionSchemaState): ExtendedType => {
  if (state.status !== 'absent') return state.resourceType;
  const end = urn.slice(urn.lastIndexOf(':') + 1).toLowerCase();
  return extendedTypes.find((type) => type.toLowerCase() === end) ?? 'User';
};

/** Stored values must go on to mean what they say: attributes come and go, but none comes back as something else. */
const checkCompatible = (known: Known, { resourceType, schema }: ExtensionSchema): void => {
  if (resourceType !== known.resourceType)
    throw incompatible(
      `This schema has the resourceType ${known.resourceType} and cannot get ${resourceType}: name another.`,
    );
  for (const [path, shape] of shapesOf(schema.attributes)) {
    const former = known.shapes.get(path);
    if (former !== undefined && former !== shape)
      throw incompatible(`The attribute is, or once was, ${former} and cannot become ${shape}: name another.`);
  }
};

const incompatible = (message: string): TenancyError => new TenancyError('schema-incompatible', message);

const shapesOf = (attributes: readonly AttributeDefinition[], parent = ''): readonly (readonly [string, string])[] =>
  attributes.flatMap(({ name, type, multiValued, uniqueness, caseExact, subAttributes = [] }) => {
    const path = `${parent}${name}`;
    // Values stored without a claim cannot become unique, nor can claims be folded anew.
    const unique = uniqueness === 'none' ? '' : `, unique${caseExact ? ' with case' : ''}`;
    const shape = `"${path}", ${type}${multiValued ? ', multi-valued' : ''}${unique}`;
    return [[path.toLowerCase(), shape] as const, ...shapesOf(subAttributes, `${path}.`)];
  });

const evolve = (state: ExtensionSchemaState, event: ExtensionSchemaEvent): ExtensionSchemaState => {
  switch (event.type) {
    case 'ExtensionSchemaRegistered': {
      const { urn, resourceType, schema } = event.data;
      const before = state.status === 'absent' ? [] : state.shapes;
      const shapes = new Map([...before, ...shapesOf(schema.attributes)]);
      return { status: 'registered', current: event.data, urn, resourceType, shapes };
    }
    case 'ExtensionSchemaRemoved': {
      if (state.status !== 'registered') return state;
      const { urn, resourceType, shapes } = state;
      return { status: 'removed', urn, resourceType, shapes };
    }
    default:
      event satisfies never;
      return state;
  }
};

/** The rules of one extension schema: registered, changed as far as stored values allow, removed and perhaps registered again. */
export const extensionSchemaDecider: Decider<ExtensionSchemaState, ExtensionSchemaCommand, ExtensionSchemaEvent> = {
  initialState: () => ({ status: 'absent' }),
  decide,
  evolve,
};
