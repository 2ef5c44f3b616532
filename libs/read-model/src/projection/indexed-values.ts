import { fold, type Attributes, type ScimValue } from '#scim';
import { indexedText } from './indexed-text.js';
import { timeOf } from './search-document.js';

/** A value as `read_values` holds it. */
export interface IndexedValue {
  readonly folded: string | null;
  readonly exact: string | null;
  readonly number: number | null;
}

/**
 * The values of an attribute, given by its canonical path (`title`, `urn:…:User:costCenter`, `phoneNumbers.value`), of every element where
 * there are several. It needs no schema: each value stands there in every way in which its type may be compared.
 */
export const indexedValues = (attributes: Attributes, path: string): readonly IndexedValue[] =>
  namesOf(path)
    .reduce<readonly ScimValue[]>((values, name) => values.flatMap((value) => within(value, name)), [attributes])
    .map(indexedValue);

/** An attribute of an extension stands behind the URN, in which there may be dots as well; names have neither dots nor colons. */
const namesOf = (path: string): readonly string[] => {
  const end = path.lastIndexOf(':');
  const names = path.slice(end + 1).split('.');
  return end < 0 ? names : [path.slice(0, end), ...names];
};

const within = (value: ScimValue, name: string): readonly ScimValue[] => {
  if (typeof value !== 'object' || isList(value)) return [];
  const found = value[name];
  if (found === undefined) return [];
  return isList(found) ? found : [found];
};

const indexedValue = (value: ScimValue): IndexedValue => {
  if (typeof value === 'string')
    return { folded: indexedText(fold(value)), exact: indexedText(value), number: timeOf(value) ?? null };
  return { folded: null, exact: null, number: typeof value === 'object' ? null : Number(value) };
};

const isList = (value: ScimValue): value is readonly ScimValue[] => Array.isArray(value);
