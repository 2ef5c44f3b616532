import type { Attribute } from '../schemas/resource-schema.js';
import { canonicalKey, sameValue } from '../values/equality.js';
import { fold } from '../values/folding.js';
import { isScimObject, own } from '../values/scim-value.js';
import type { ScimObject, ScimValue } from '../values/scim-value.js';

/**
 * Finds values of a multi-valued attribute by what a client says of them, without case where the attribute has none. Each value is
 * folded once and listed under each of its parts, so that a long list sent against a long list stays cheap.
 */
export class ValueIndex {
  private readonly forms: ScimValue[] = [];
  private readonly places = new Map<string, Map<ScimValue, Set<number>>>();

  constructor(
    private readonly attribute: Attribute,
    values: readonly ScimValue[],
  ) {
    values.forEach((value, place) => this.set(place, value));
  }

  set(place: number, value: ScimValue): void {
    const form = folded(this.attribute, value);
    this.forms[place] = form;
    for (const [name, part] of partsOf(form)) {
      const byPart = this.places.get(name) ?? new Map<ScimValue, Set<number>>();
      this.places.set(name, byPart);
      const known = byPart.get(keyOf(part));
      if (known === undefined) byPart.set(keyOf(part), new Set([place]));
      else known.add(place);
    }
  }

  /** Places of the values that have everything that `sent` says, attribute by attribute. */
  placesOf(sent: ScimValue): readonly number[] {
    const form = folded(this.attribute, sent);
    return [...this.candidates(form)].filter((place) => says(this.forms[place], form));
  }

  /** The place of a complex value with the same `value` and `type`. */
  twinOf(sent: ScimValue): number | undefined {
    const form = folded(this.attribute, sent);
    const value = isScimObject(form) ? own(form, 'value') : undefined;
    if (!isScimObject(form) || value === undefined) return undefined;
    return [...this.candidates({ value })].find((place) => {
      const other = this.forms[place];
      return (
        isScimObject(other) && sameValue(own(other, 'value'), value) && sameValue(own(other, 'type'), own(form, 'type'))
      );
    });
  }

  /** The places listed under the rarest part. */
  private candidates(form: ScimValue): ReadonlySet<number> {
    let rarest: ReadonlySet<number> | undefined;
    for (const [name, part] of partsOf(form)) {
      const places = this.places.get(name)?.get(keyOf(part)) ?? nowhere;
      if (rarest === undefined || places.size < rarest.size) rarest = places;
    }
    return rarest ?? nowhere;
  }
}

const nowhere: ReadonlySet<number> = new Set();

const partsOf = (form: ScimValue): readonly (readonly [string, ScimValue])[] =>
  isScimObject(form) ? Object.entries(form) : [['', form]];

const keyOf = (part: ScimValue): ScimValue => (typeof part === 'object' ? canonicalKey(part) : part);

const says = (one: ScimValue | undefined, sent: ScimValue): boolean => {
  if (!isScimObject(sent) || !isScimObject(one)) return sameValue(one, sent);
  return Object.keys(sent).every((name) => sameValue(own(one, name), own(sent, name)));
};

const folded = (attribute: Attribute, value: ScimValue): ScimValue => {
  if (!isScimObject(value)) return foldedText(attribute, value);
  const form: Record<string, ScimValue> = {};
  for (const [name, part] of Object.entries(value)) {
    form[name] = foldedText(attribute.subAttributes.get(name.toLowerCase()), part);
  }
  return form satisfies ScimObject;
};

const foldedText = (attribute: Attribute | undefined, value: ScimValue): ScimValue =>
  typeof value === 'string' && attribute?.caseExact === false ? fold(value) : value;
