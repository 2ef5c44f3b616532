import { invalidPath, invalidSyntax, invalidValue, ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { memberWithoutCase } from '../validation/resource-body.js';
import { isObject } from '../values/scim-value.js';

export type BulkMethod = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One operation of a bulk job, its shape checked, its data not yet. */
export interface BulkOperation {
  readonly method: BulkMethod;
  readonly bulkId: string | undefined;
  /** The first part of the path: `Users`. */
  readonly endpoint: string;
  /** The second part: an id, or `bulkId:` and the bulkId of a resource that this job creates; undefined for POST. */
  readonly id: string | undefined;
  /** The ETag that the resource must have. */
  readonly version: string | undefined;
  /** The body of the request that the operation stands for, as sent. */
  readonly data: unknown;
}

/** An operation that cannot be carried out whatever the others do: it fails alone. */
export interface RefusedBulkOperation {
  /** As sent, to be echoed. */
  readonly method: string;
  readonly bulkId: string | undefined;
  readonly refusal: ScimError;
}

export interface BulkRequest {
  /** How many errors end the job; undefined: none do (RFC 7644 §3.7.3). */
  readonly failOnErrors: number | undefined;
  readonly operations: readonly (BulkOperation | RefusedBulkOperation)[];
}

/**
 * Reads a BulkRequest (RFC 7644 §3.7). Throws ScimError: 400 `invalidSyntax` for a message of the wrong shape, 413 naming the limit for more
 * operations than `maxOperations`; nothing has been done then.
 */
export const parseBulkRequest = (body: unknown, { maxOperations }: { readonly maxOperations: number }): BulkRequest => {
  if (!isObject(body)) throw invalidSyntax('The body must be a JSON object with "schemas" and "Operations".');
  checkSchemas(memberWithoutCase(body, 'schemas'));
  const operations = memberWithoutCase(body, 'Operations');
  if (!Array.isArray(operations) || operations.length === 0)
    throw invalidSyntax('"Operations" must be a list with at least one operation.');
  if (operations.length > maxOperations) {
    const detail = `The request has ${operations.length} operations, which exceeds maxOperations (${maxOperations}).`;
    throw new ScimError(413, undefined, detail);
  }
  return {
    failOnErrors: errorsAllowed(memberWithoutCase(body, 'failOnErrors')),
    operations: operations.map(toOperation),
  };
};

const checkSchemas = (schemas: unknown): void => {
  const list: readonly unknown[] = Array.isArray(schemas) ? schemas : [schemas];
  const named = list.some((urn) => typeof urn === 'string' && urn.toLowerCase() === urns.bulkRequest.toLowerCase());
  if (!named) throw invalidSyntax(`"schemas" must name "${urns.bulkRequest}".`);
};

const errorsAllowed = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw invalidValue('"failOnErrors" must be an integer of at least 1.');
};

const METHODS: ReadonlySet<string> = new Set<BulkMethod>(['POST', 'PUT', 'PATCH', 'DELETE']);
const isMethod = (method: string): method is BulkMethod => METHODS.has(method);

const toOperation = (sent: unknown): BulkOperation | RefusedBulkOperation => {
  if (!isObject(sent))
    return { method: '', bulkId: undefined, refusal: invalidSyntax('An operation must be an object.') };
  const member = (name: string): unknown => memberWithoutCase(sent, name) ?? undefined;
  const text = (name: string): string | undefined => textOf(member(name));
  const method = text('method')?.toUpperCase() ?? '';
  const bulkId = text('bulkId');
  const refused = (refusal: ScimError): RefusedBulkOperation => ({ method, bulkId, refusal });
  if (!isMethod(method)) return refused(invalidSyntax('"method" must be POST, PUT, PATCH or DELETE.'));
  if (method === 'POST' && bulkId === undefined) return refused(invalidValue('A POST operation needs a "bulkId".'));
  const place = PATH.exec(text('path') ?? '')?.groups;
  if (place === undefined) return refused(invalidPath('"path" must be like "/Users" or "/Users/{id}".'));
  const { endpoint = '', id } = place;
  if (method === 'POST' && id !== undefined) return refused(invalidPath('The "path" of a POST names no resource.'));
  if (method !== 'POST' && id === undefined) return refused(invalidPath(`The "path" of a ${method} names a resource.`));
  return { method, bulkId, endpoint, id: decoded(id), version: text('version'), data: member('data') };
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Relative to the root of the service (RFC 7644 §3.7). */
const PATH = /^\/?(?<endpoint>[^/?#]+)(?:\/(?<id>[^/?#]+))?\/?$/;

const decoded = (id: string | undefined): string | undefined => {
  try {
    return id === undefined ? undefined : decodeURIComponent(id);
  } catch {
    return id; // no resource has such an id: it will not be found
  }
};
