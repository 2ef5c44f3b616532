import { sameValue } from './equality.js';
import { isScimObject, own, unlessEmpty, withValue } from './scim-value.js';
import type { Attributes, ScimObject, ScimValue } from './scim-value.js';

/**
 * What changed, by path: a new value, or null for what became unassigned. Paths reach into complex values (`name.familyName`,
 * `urn:…:enterprise:2.0:User:manager.value`); multi-valued attributes stand whole.
 */
export type AttributeDiff = Readonly<Record<string, ScimValue | null>>;

/** The difference between two attribute documents; empty when they say the same, whatever the order of values. */
export const diffAttributes = (before: Attributes, after: Attributes): AttributeDiff => {
  const changes: Record<string, ScimValue | null> = {};
  for (const name of namesOf(before, after)) {
    // Attribute names hold no colon, the URNs of extensions do.
    if (name.includes(':')) {
      const [former, latter] = [objectAt(before, name), objectAt(after, name)];
      for (const part of namesOf(former, latter))
        diffValue(changes, `${name}:${part}`, own(former, part), own(latter, part));
    } else {
      diffValue(changes, name, own(before, name), own(after, name));
    }
  }
  return changes;
};

const diffValue = (
  changes: Record<string, ScimValue | null>,
  path: string,
  before: ScimValue | undefined,
  after: ScimValue | undefined,
): void => {
  if (sameValue(before, after)) return;
  if (!isScimObject(before ?? {}) || !isScimObject(after ?? {})) {
    changes[path] = after ?? null;
    return;
  }
  const [former, latter] = [asObject(before), asObject(after)];
  for (const part of namesOf(former, latter)) {
    const value = own(latter, part);
    if (!sameValue(own(former, part), value)) changes[`${path}.${part}`] = value ?? null;
  }
};

/** The document after the changes of a diff; `applyDiff(before, diffAttributes(before, after))` says the same as `after`. */
export const applyDiff = (before: Attributes, changes: AttributeDiff): Attributes =>
  Object.entries(changes).reduce<Attributes>((document, [path, value]) => {
    const colon = path.lastIndexOf(':');
    if (colon < 0) return assign(document, path, value);
    const urn = path.slice(0, colon);
    return withValue(document, urn, unlessEmpty(assign(objectAt(document, urn), path.slice(colon + 1), value)));
  }, before);

const assign = (holder: ScimObject, path: string, value: ScimValue | null): ScimObject => {
  const dot = path.indexOf('.');
  if (dot < 0) return withValue(holder, path, value ?? undefined);
  const name = path.slice(0, dot);
  return withValue(
    holder,
    name,
    unlessEmpty(withValue(objectAt(holder, name), path.slice(dot + 1), value ?? undefined)),
  );
};

const namesOf = (a: ScimObject, b: ScimObject): Set<string> => new Set([...Object.keys(a), ...Object.keys(b)]);

const objectAt = (holder: ScimObject, name: string): ScimObject => asObject(own(holder, name));

const asObject = (value: ScimValue | undefined): ScimObject => (isScimObject(value) ? value : {});
