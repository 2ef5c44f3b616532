import { commonAttributes } from './common-attributes.js';
import type { AttributeDefinition, ResourceTypeDefinition, SchemaDefinition } from './definitions.js';

/** An attribute in its place: the published definition, and where its values stand in a resource. */
export interface Attribute extends Omit<AttributeDefinition, 'subAttributes'> {
  /** The canonical path: `name.familyName`, `urn:…:enterprise:2.0:User:manager.value`. */
  readonly path: string;
  /** The schema that defines it; the base schema for the common attributes. */
  readonly schema: string;
  /** The URN of the container that holds it, or undefined at the top level of the resource. */
  readonly extension: string | undefined;
  /** The complex attribute that holds it, if any. */
  readonly parent: Attribute | undefined;
  /** By lower-case name; empty unless the type is complex. */
  readonly subAttributes: AttributeIndex;
}

export type AttributeIndex = ReadonlyMap<string, Attribute>;

/** A schema of a resource: the base schema with the common attributes, or an extension. */
export interface SchemaPart {
  readonly urn: string;
  readonly required: boolean;
  /** By lower-case name, in the order of the schema. */
  readonly attributes: AttributeIndex;
}

/** Everything known about one resource type, made for fast look-up without case. */
export interface ResourceSchema {
  readonly resourceType: ResourceTypeDefinition;
  readonly definitions: readonly SchemaDefinition[];
  readonly base: SchemaPart;
  /** By lower-case URN. */
  readonly extensions: ReadonlyMap<string, SchemaPart>;
  /** Base and extensions by lower-case URN, the longest first. */
  readonly parts: readonly (readonly [urn: string, part: SchemaPart])[];
}

/** What a name in a filter, path, projection or body stands for. */
export type Target =
  | { readonly kind: 'attribute'; readonly attribute: Attribute; readonly subAttribute: Attribute | undefined }
  | { readonly kind: 'extension'; readonly extension: SchemaPart }
  | { readonly kind: 'resource' }
  | { readonly kind: 'unknown'; readonly schemaKnown: boolean };

/**
 * Compiles a resource type and its schemas. Keep the result: one per tenant and resource type, made once.
 * Throws a plain Error when a schema that the resource type names is missing: that is a fault of the caller, not of a client.
 */
export const compileResourceSchema = (
  resourceType: ResourceTypeDefinition,
  schemas: readonly SchemaDefinition[],
): ResourceSchema => {
  const byId = new Map(schemas.map((schema) => [schema.id.toLowerCase(), schema]));
  const schemaOf = (urn: string): SchemaDefinition => {
    const schema = byId.get(urn.toLowerCase());
    if (schema === undefined)
      throw new Error(`Resource type ${resourceType.name} names the schema ${urn}, which is not given.`);
    return schema;
  };
  const base = schemaOf(resourceType.schema);
  const extensions = resourceType.schemaExtensions.map(({ schema, required }) => ({
    schema: schemaOf(schema),
    required,
  }));
  const basePart: SchemaPart = {
    urn: base.id,
    required: true,
    attributes: indexOf([...commonAttributes, ...base.attributes], base.id, undefined),
  };
  const extensionParts = extensions.map(({ schema, required }): SchemaPart => {
    return { urn: schema.id, required, attributes: indexOf(schema.attributes, schema.id, schema.id) };
  });
  const byUrn = (part: SchemaPart) => [part.urn.toLowerCase(), part] as const;
  return {
    resourceType,
    definitions: [base, ...extensions.map(({ schema }) => schema)],
    base: basePart,
    extensions: new Map(extensionParts.map(byUrn)),
    parts: [basePart, ...extensionParts].map(byUrn).sort(([a], [b]) => b.length - a.length),
  };
};

const indexOf = (
  definitions: readonly AttributeDefinition[],
  schema: string,
  extension: string | undefined,
): Map<string, Attribute> =>
  new Map(
    definitions.map((definition) => [definition.name.toLowerCase(), place(definition, schema, extension, undefined)]),
  );

const place = (
  { subAttributes = [], ...definition }: AttributeDefinition,
  schema: string,
  extension: string | undefined,
  parent: Attribute | undefined,
): Attribute => {
  const container = extension === undefined ? '' : `${extension}:`;
  const path = parent === undefined ? `${container}${definition.name}` : `${parent.path}.${definition.name}`;
  const index = new Map<string, Attribute>();
  const attribute: Attribute = { ...definition, path, schema, extension, parent, subAttributes: index };
  for (const sub of subAttributes) index.set(sub.name.toLowerCase(), place(sub, schema, extension, attribute));
  return attribute;
};

/**
 * What `name` stands for: `userName`, `name.givenName`, `urn:…:core:2.0:User:userName`, `urn:…:enterprise:2.0:User:manager.value`,
 * a whole extension, or the base schema's URN for the resource itself. Without case (RFC 7644 §3.10).
 */
export const findTarget = (schema: ResourceSchema, name: string): Target => {
  const key = name.toLowerCase();
  if (!key.includes(':')) return findAttribute(schema.base.attributes, key);
  const [urn, part] = partOf(schema, key);
  if (part === undefined) return { kind: 'unknown', schemaKnown: false };
  if (key.length > urn.length) return findAttribute(part.attributes, key.slice(urn.length + 1));
  return part === schema.base ? { kind: 'resource' } : { kind: 'extension', extension: part };
};

const findAttribute = (attributes: AttributeIndex, key: string): Target => {
  const dot = key.indexOf('.');
  const attribute = attributes.get(dot < 0 ? key : key.slice(0, dot));
  if (attribute === undefined) return unknownAttribute;
  if (dot < 0) return { kind: 'attribute', attribute, subAttribute: undefined };
  const subAttribute = attribute.subAttributes.get(key.slice(dot + 1));
  return subAttribute === undefined ? unknownAttribute : { kind: 'attribute', attribute, subAttribute };
};

const unknownAttribute: Target = { kind: 'unknown', schemaKnown: true };

/** The longest schema URN that `key` is or begins with: URNs hold dots and colons, so no rule on characters can split them. */
const partOf = ({ parts }: ResourceSchema, key: string): readonly [urn: string, part: SchemaPart | undefined] => {
  for (const [urn, part] of parts) {
    if (key.startsWith(urn) && (key.length === urn.length || key[urn.length] === ':')) return [urn, part];
  }
  return ['', undefined];
};
