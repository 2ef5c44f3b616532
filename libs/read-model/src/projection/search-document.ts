import { fold, parseDateTime, type Attributes, type ScimValue } from '#scim';

/** Follows a name whose value is a date with time; the milliseconds since 1970 stand under it. No attribute name can end so. */
export const TIME_SUFFIX = '@';

/**
 * A resource as filters see it: text folded, dates as numbers beside it. Folding happens here, on write, because no expression inside
 * PostgreSQL folds as SCIM compares, nor could one reach an index under row-level security (DESIGN §5). It needs no schema, so a
 * tenant's own extensions are searchable by whatever type their schema gives them.
 */
export const searchDocument = (attributes: Attributes): Attributes => {
  const document: Record<string, ScimValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    document[name] = searchValue(value);
    const times = timesOf(value);
    if (times !== undefined) document[name + TIME_SUFFIX] = times;
  }
  return document;
};

const searchValue = (value: ScimValue): ScimValue => {
  if (typeof value === 'string') return fold(value);
  if (typeof value !== 'object') return value;
  return isList(value) ? value.map(searchValue) : searchDocument(value);
};

const timesOf = (value: ScimValue): ScimValue | undefined => {
  if (typeof value === 'string') return timeOf(value);
  if (typeof value !== 'object' || !isList(value)) return undefined;
  const times = value.flatMap((element) => (typeof element === 'string' ? (timesOf(element) ?? []) : []));
  return times.length === 0 ? undefined : times;
};

/** Milliseconds since 1970 when the text is a date with time. */
export const timeOf = (text: string): number | undefined => (looksLikeTime(text) ? parseDateTime(text) : undefined);

// Nearly no text is a date: a glance at two places spares the parser.
const looksLikeTime = (text: string): boolean => text[10] === 'T' && text[4] === '-';

const isList = (value: ScimValue): value is readonly ScimValue[] => Array.isArray(value);
