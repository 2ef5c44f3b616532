import { mutability } from '../messages/scim-error.js';
import type { Attribute, AttributeIndex, ResourceSchema } from '../schemas/resource-schema.js';
import { sameValue } from '../values/equality.js';
import { isScimObject, own, withValue } from '../values/scim-value.js';
import type { Attributes, ScimObject } from '../values/scim-value.js';

/** Throws 400 `mutability` when an immutable attribute that was set is set otherwise or gone (RFC 7644 §3.5.1, §3.5.2). */
export const checkImmutable = (before: Attributes, after: Attributes, schema: ResourceSchema): void => {
  forEachPart(schema, before, (attributes, holder, urn) => {
    const next = urn === undefined ? after : own(after, urn);
    checkPart(attributes, holder, isScimObject(next) ? next : {});
  });
};

/** What a PUT leaves behind: what it sent, and the immutable attributes it left out, which stay. Throws as `checkImmutable`. */
export const keepImmutable = (before: Attributes, replacement: Attributes, schema: ResourceSchema): Attributes => {
  let kept = replacement;
  forEachPart(schema, before, (attributes, holder, urn) => {
    const sent = urn === undefined ? kept : own(kept, urn);
    let next: ScimObject = isScimObject(sent) ? sent : {};
    for (const { mutability: rule, name } of attributes.values()) {
      if (rule === 'immutable' && own(next, name) === undefined) next = withValue(next, name, own(holder, name));
    }
    if (urn === undefined) kept = next;
    else if (Object.keys(next).length > 0) kept = withValue(kept, urn, next);
  });
  checkImmutable(before, kept, schema);
  return kept;
};

const forEachPart = (
  schema: ResourceSchema,
  document: Attributes,
  visit: (attributes: AttributeIndex, holder: ScimObject, urn: string | undefined) => void,
): void => {
  visit(schema.base.attributes, document, undefined);
  for (const { urn, attributes } of schema.extensions.values()) {
    const holder = own(document, urn);
    if (isScimObject(holder)) visit(attributes, holder, urn);
  }
};

const checkPart = (attributes: AttributeIndex, before: ScimObject, after: ScimObject): void => {
  for (const attribute of attributes.values()) {
    const set = own(before, attribute.name);
    if (set === undefined) continue;
    const next = own(after, attribute.name);
    if (attribute.mutability === 'immutable' && !sameValue(set, next)) throw refused(attribute);
    if (!attribute.multiValued && isScimObject(set)) {
      checkPart(attribute.subAttributes, set, isScimObject(next) ? next : {});
    }
  }
};

const refused = (attribute: Attribute) => mutability(`"${attribute.path}" is immutable: once set it cannot change.`);
