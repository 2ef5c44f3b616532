import { FilterParser } from '../filter/filter-parser.js';
import { FilterScanner } from '../filter/filter-scanner.js';
import type { Filter } from '../filter/filter.js';
import { invalidPath, ScimError } from '../messages/scim-error.js';
import { limits } from '../values/limits.js';

/** `attribute[filter].subAttribute` of a PATCH operation; `name` may hold a schema URN and, without a filter, a sub-attribute. */
export interface PatchPath {
  readonly name: string;
  readonly filter: Filter | undefined;
  /** What follows the closing bracket of a value filter. */
  readonly subAttribute: string | undefined;
}

/**
 * Parses the path of a PATCH operation (RFC 7644 §3.5.2). Throws 400 `invalidPath` for a malformed path and `invalidFilter` for a
 * malformed filter inside it.
 */
export const parsePatchPath = (text: string): PatchPath => {
  const scanner = new FilterScanner(text);
  scanner.skipBlanks();
  const name = takeName(scanner);
  if (scanner.peek() !== '[') return end(scanner, { name, filter: undefined, subAttribute: undefined });
  const filter = new FilterParser(scanner, limits).parseBracketed();
  return end(scanner, { name, filter, subAttribute: scanner.take('.') ? takeName(scanner) : undefined });
};

const takeName = (scanner: FilterScanner): string => {
  try {
    return scanner.takeName();
  } catch (error) {
    throw error instanceof ScimError ? fault(scanner, 'an attribute name is expected') : error;
  }
};

const end = (scanner: FilterScanner, path: PatchPath): PatchPath => {
  scanner.skipBlanks();
  if (!scanner.atEnd) throw fault(scanner, 'the path should end');
  return path;
};

const fault = (scanner: FilterScanner, expected: string): ScimError =>
  invalidPath(
    `At position ${scanner.position + 1} of the path ${expected}. ` +
      'A path looks like userName, name.familyName, emails[type eq "work"].value or urn:…:User:department.',
  );
