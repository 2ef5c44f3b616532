import { invalidValue } from '../messages/scim-error.js';
import { findTarget } from '../schemas/resource-schema.js';
import type { Attribute, AttributeIndex, ResourceSchema } from '../schemas/resource-schema.js';
import { limits } from '../values/limits.js';
import { isList, isScimObject, own } from '../values/scim-value.js';
import type { ScimObject, ScimValue } from '../values/scim-value.js';

/** `attributes` and `excludedAttributes` as they come: a comma-separated query parameter, or a list in a SearchRequest. */
export interface ProjectionParameters {
  readonly attributes?: string | readonly string[] | undefined;
  readonly excludedAttributes?: string | readonly string[] | undefined;
}

/** Which attributes an answer shows (RFC 7644 §3.4.2.5). */
export interface Projection {
  readonly schema: ResourceSchema;
  readonly mode: 'default' | 'only' | 'except';
  /** Canonical paths of the attributes named, extensions by their URN; unknown names are left out. */
  readonly names: ReadonlySet<string>;
  /** Whether nothing of an attribute will be shown, so that it need not be read: `excludes('members')`. */
  excludes(name: string): boolean;
}

/** Reads the parameters; throws 400 `invalidValue` when both are given, for they exclude each other. */
export const parseProjection = (parameters: ProjectionParameters, schema: ResourceSchema): Projection => {
  const only = toNames(parameters.attributes);
  const except = toNames(parameters.excludedAttributes);
  if (only.length > 0 && except.length > 0) {
    throw invalidValue('"attributes" and "excludedAttributes" cannot be given together.');
  }
  const mode = only.length > 0 ? 'only' : except.length > 0 ? 'except' : 'default';
  const names = new Set([...only, ...except].flatMap((name) => canonicalPath(schema, name)));
  const excludes = (name: string): boolean => {
    const target = findTarget(schema, name);
    return target.kind === 'attribute' && !isShown({ mode, names }, target.attribute);
  };
  return { schema, mode, names, excludes };
};

const toNames = (sent: string | readonly string[] | undefined): readonly string[] => {
  const parts = typeof sent === 'string' ? sent.split(',') : (sent ?? []);
  const names = parts.map((name) => name.trim()).filter((name) => name !== '');
  if (names.length > limits.projectedNames) {
    throw invalidValue(`${names.length} attributes are named; ${limits.projectedNames} are allowed.`);
  }
  return names;
};

const canonicalPath = (schema: ResourceSchema, name: string): readonly string[] => {
  const target = findTarget(schema, name);
  if (target.kind === 'attribute') return [(target.subAttribute ?? target.attribute).path];
  return target.kind === 'extension' ? [target.extension.urn] : [];
};

type Choice = Pick<Projection, 'mode' | 'names'>;

const isShown = ({ mode, names }: Choice, attribute: Attribute): boolean => {
  if (attribute.returned === 'always') return true;
  if (attribute.returned === 'never') return false;
  const named = isNamed(names, attribute);
  if (mode === 'only') return named || [...attribute.subAttributes.values()].some(({ path }) => names.has(path));
  return attribute.returned !== 'request' && !(mode === 'except' && named);
};

const isNamed = (names: ReadonlySet<string>, { path, extension }: Attribute): boolean =>
  names.has(path) || (extension !== undefined && names.has(extension));

/**
 * What an answer shows of a resource. `schemas` stays, naming the extensions that the answer holds (RFC 7643 §3); what is returned
 * always stays, what is returned never goes, in write answers too.
 */
export const project = (resource: ScimObject, projection: Projection): ScimObject => {
  const { schema } = projection;
  const shown: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(resource)) {
    const extension = name.includes(':') ? schema.extensions.get(name.toLowerCase()) : undefined;
    const part =
      extension !== undefined && isScimObject(value)
        ? projectContainer(value, extension.attributes, projection)
        : projectAttribute(value, schema.base.attributes.get(name.toLowerCase()), projection);
    if (part !== undefined) shown[name] = part;
  }
  const { schemas } = shown;
  if (projection.mode !== 'default' && isList(schemas)) {
    shown['schemas'] = schemas.filter(
      (urn) => urn === schema.base.urn || (typeof urn === 'string' && Object.hasOwn(shown, urn)),
    );
  }
  return shown;
};

const projectContainer = (
  container: ScimObject,
  attributes: AttributeIndex,
  projection: Projection,
): ScimObject | undefined => {
  const shown: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(container)) {
    const part = projectAttribute(value, attributes.get(name.toLowerCase()), projection);
    if (part !== undefined) shown[name] = part;
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
};

const projectAttribute = (
  value: ScimValue,
  attribute: Attribute | undefined,
  projection: Projection,
): ScimValue | undefined => {
  if (attribute === undefined || !isShown(projection, attribute)) return undefined;
  if (attribute.subAttributes.size === 0) return value;
  const whole = projection.mode !== 'only' || isNamed(projection.names, attribute);
  const keeps = (sub: Attribute): boolean => keepsPart(projection, sub, whole || attribute.returned === 'always');
  if ([...attribute.subAttributes.values()].every(keeps)) return value;
  return projectParts(value, attribute, keeps);
};

const keepsPart = ({ mode, names }: Choice, sub: Attribute, whole: boolean): boolean => {
  if (sub.returned === 'always') return true;
  if (sub.returned === 'never') return false;
  if (mode === 'except' && names.has(sub.path)) return false;
  return names.has(sub.path) || (whole && sub.returned === 'default');
};

const projectParts = (
  value: ScimValue,
  attribute: Attribute,
  keeps: (sub: Attribute) => boolean,
): ScimValue | undefined => {
  if (isList(value)) {
    const elements = value.flatMap((element) => projectParts(element, attribute, keeps) ?? []);
    return elements.length === 0 ? undefined : elements;
  }
  if (!isScimObject(value)) return value;
  const shown: Record<string, ScimValue> = {};
  for (const sub of attribute.subAttributes.values()) {
    const part = keeps(sub) ? own(value, sub.name) : undefined;
    if (part !== undefined) shown[sub.name] = part;
  }
  return Object.keys(shown).length === 0 ? undefined : shown;
};
