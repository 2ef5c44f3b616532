import { invalidPath, invalidSyntax, invalidValue } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { parsePatchPath } from '../path/patch-path.js';
import { memberWithoutCase } from '../validation/resource-body.js';
import { limits } from '../values/limits.js';
import { isObject } from '../values/scim-value.js';
import type { PatchOptions } from './patch-options.js';

/** One operation of a PATCH, its shape checked, its path and value not yet. */
export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string | undefined;
  /** As sent; undefined when absent. */
  readonly value: unknown;
}

/**
 * Reads a PatchOp message (RFC 7644 §3.5.2). `op` may have any case (Entra sends `Add`), a single operation need not stand in a
 * list. Throws ScimError 400 `invalidSyntax`, `invalidPath` for a path that is no string, `invalidValue` for a missing value.
 */
export const parsePatchRequest = (body: unknown, options: PatchOptions = {}): readonly PatchOperation[] => {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object with "schemas" and "Operations".');
  checkSchemas(memberWithoutCase(body, 'schemas'));
  const sent = memberWithoutCase(body, 'Operations');
  const operations: readonly unknown[] = Array.isArray(sent) ? sent : isObject(sent) ? [sent] : [];
  if (operations.length === 0) throw invalidSyntax('"Operations" must be a list with at least one operation.');
  if (operations.length > limits.patchOperations) {
    throw invalidSyntax(`"Operations" has ${operations.length} operations; ${limits.patchOperations} are allowed.`);
  }
  return operations.map((operation, index) => checkPath(toOperation(operation, index), index, options));
};

const checkSchemas = (schemas: unknown): void => {
  const list: readonly unknown[] = Array.isArray(schemas) ? schemas : [schemas];
  const named = list.some((urn) => typeof urn === 'string' && urn.toLowerCase() === urns.patchOp.toLowerCase());
  if (!named) throw invalidSyntax(`"schemas" must name "${urns.patchOp}".`);
};

const toOperation = (sent: unknown, index: number): PatchOperation => {
  const place = `Operations[${index}]`;
  if (!isObject(sent)) throw invalidSyntax(`${place} must be an object with "op".`);
  const op = toOp(memberWithoutCase(sent, 'op'));
  if (op === undefined) throw invalidSyntax(`${place}.op must be add, remove or replace.`);
  const path = memberWithoutCase(sent, 'path') ?? '';
  if (typeof path !== 'string') throw invalidPath(`${place}.path must be a string.`);
  const value = memberWithoutCase(sent, 'value');
  if (op !== 'remove' && value === undefined) throw invalidValue(`${place} needs a value.`);
  return { op, path: path.trim() === '' ? undefined : path, value };
};

/** What the interoperability profile asks of paths. A member of a group is named by a filter alone: it has no part to remove. */
const checkPath = (
  operation: PatchOperation,
  index: number,
  { pathRequired, partRequired }: PatchOptions,
): PatchOperation => {
  const { op, path } = operation;
  if (path === undefined) {
    if (pathRequired === true) throw invalidSyntax(`Operations[${index}] needs a path.`);
  } else if (partRequired === true && op !== 'remove' && namesElement(path)) {
    throw invalidPath(`Operations[${index}].path must end in a sub-attribute, such as emails[type eq "work"].value.`);
  }
  return operation;
};

const namesElement = (path: string): boolean => {
  const { filter, subAttribute } = parsePatchPath(path);
  return filter !== undefined && subAttribute === undefined;
};

const toOp = (op: unknown): PatchOperation['op'] | undefined => {
  const name = typeof op === 'string' ? op.toLowerCase() : undefined;
  return name === 'add' || name === 'remove' || name === 'replace' ? name : undefined;
};
