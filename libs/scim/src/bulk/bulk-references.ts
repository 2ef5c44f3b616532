import { isObject } from '../values/scim-value.js';
import type { BulkOperation } from './bulk-request.js';

const PREFIX = 'bulkId:';
/** In the path of a PATCH operation: `members[value eq "bulkId:x"]`. */
const QUOTED = /"bulkId:([^"\\]+)"/g;
/** Members that hold the id of another resource: here a bulkId that nobody defines is a mistake, elsewhere it is just text. */
const REFERRING = new Set(['value', '$ref']);

/** The bulkIds an operation refers to, in its path and its data (RFC 7644 §3.7.2). `defined`: those of the job's POST operations. */
export const referencesOf = ({ id, data }: BulkOperation, defined: ReadonlySet<string>): ReadonlySet<string> => {
  const found = new Set<string>();
  const note = (bulkId: string): string => {
    found.add(bulkId);
    return bulkId;
  };
  if (id?.startsWith(PREFIX) === true) note(id.slice(PREFIX.length));
  withReferences(data, defined, note);
  return found;
};

/** The id in an operation's path once the resource it may refer to exists. */
export const resolveId = (id: string, idOf: (bulkId: string) => string | undefined): string | undefined =>
  id.startsWith(PREFIX) ? idOf(id.slice(PREFIX.length)) : id;

/**
 * A copy of an operation's data with every reference replaced by `idOf`. Where that is undefined, what refers is left out: the property, or
 * the whole element whose `value` it is.
 */
export const withReferences = (
  data: unknown,
  defined: ReadonlySet<string>,
  idOf: (bulkId: string) => string | undefined,
): unknown => {
  const copy = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return copyText(value, name);
    if (Array.isArray(value)) return value.map((element) => copy(element, name)).filter(isKept);
    return isObject(value) ? copyObject(value) : value;
  };
  const copyText = (text: string, name: string): string | undefined => {
    if (name === 'path')
      return text.replace(QUOTED, (quoted, bulkId: string) => JSON.stringify(idOf(bulkId) ?? quoted));
    const bulkId = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : undefined;
    return bulkId !== undefined && (defined.has(bulkId) || REFERRING.has(name)) ? idOf(bulkId) : text;
  };
  const copyObject = (object: Readonly<Record<string, unknown>>): unknown => {
    const entries = Object.entries(object).map(
      ([name, value]) => [name, value, copy(value, name.toLowerCase())] as const,
    );
    const isLost = entries.some(
      ([name, before, after]) => name.toLowerCase() === 'value' && isKept(before) && !isKept(after),
    );
    return isLost
      ? undefined
      : Object.fromEntries(entries.flatMap(([name, , after]) => (isKept(after) ? [[name, after]] : [])));
  };
  return copy(data, '');
};

const isKept = (value: unknown): boolean => value !== undefined;
