import {
  AppendTooLarge,
  ClaimTaken,
  DomainError,
  EventLogUnavailable,
  SubjectErased,
  TooContended,
} from '#event-sourcing';
import { AccessDenied } from '#access';
import { isTransient, ReadModelBehind, ReadModelParked, QueryTooCostly } from '#read-model';
import { frameworkStatus, MalformedJson, type ErrorAnswer } from '#runtime';
import { ScimError, toErrorBody } from '#scim';
import { PreconditionFailed } from './preconditions.js';

export const SCIM_MEDIA_TYPE = 'application/scim+json';

interface Refusal {
  readonly error: ScimError;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers any error with a SCIM Error body (RFC 7644 §3.12): the one place that knows statuses and scimTypes of what lies below. */
export const scimErrorAnswer = (error: unknown): ErrorAnswer => {
  const { error: scim, headers } = refusalOf(error);
  return {
    status: scim.status,
    contentType: SCIM_MEDIA_TYPE,
    body: toErrorBody(scim),
    ...(headers === undefined ? {} : { headers }),
  };
};

type DomainCode =
  | 'resource-not-found'
  | 'resource-already-exists'
  | 'unknown-member'
  | 'member-of-itself'
  | 'operation-off'
  | 'domain-not-verified'
  | 'too-many-users';

const domainRefusals: Readonly<Record<DomainCode, (message: string) => ScimError>> = {
  'resource-not-found': (message) => new ScimError(404, undefined, message),
  'resource-already-exists': (message) => new ScimError(409, 'uniqueness', message),
  'unknown-member': (message) => new ScimError(400, 'invalidValue', message),
  'member-of-itself': (message) => new ScimError(400, 'invalidValue', message),
  'operation-off': (message) => new ScimError(403, undefined, message),
  'domain-not-verified': (message) => new ScimError(400, 'invalidValue', message),
  'too-many-users': (message) => new ScimError(403, undefined, message),
};

const tryAgain = (detail: string): Refusal => ({
  error: new ScimError(503, undefined, detail),
  headers: { 'retry-after': '1' },
});

const refusalOf = (error: unknown): Refusal => {
  if (error instanceof ScimError) return { error };
  if (error instanceof DomainError && error.code in domainRefusals)
    return { error: domainRefusals[error.code as DomainCode](error.message) };
  if (error instanceof AccessDenied)
    return { error: new ScimError(error.status, undefined, error.message), headers: error.headers };
  return storeRefusal(error) ?? { error: frameworkRefusal(error) };
};

const claimDetails: Readonly<Record<string, string>> = {
  username: 'Another user of this tenant has this userName.',
  resource: 'Another resource of this type has a value that is unique by its schema.',
  displayname: 'Another group of this tenant has this displayName, and names are unique here.',
};

const storeRefusal = (error: unknown): Refusal | undefined => {
  if (error instanceof ClaimTaken)
    return { error: new ScimError(409, 'uniqueness', claimDetails[error.kind] ?? error.message) };
  if (error instanceof PreconditionFailed) return { error: new ScimError(412, undefined, error.message) };
  if (error instanceof SubjectErased)
    return { error: new ScimError(404, undefined, 'There is no resource with this id.') };
  if (error instanceof AppendTooLarge) return { error: new ScimError(413, undefined, error.message) };
  if (error instanceof QueryTooCostly) return { error: new ScimError(400, 'tooMany', error.message) };
  if (error instanceof TooContended || error instanceof ReadModelBehind) return tryAgain(error.message);
  if (error instanceof ReadModelParked) return tryAgain(error.message);
  if (error instanceof EventLogUnavailable)
    return tryAgain('The event log cannot be reached at the moment; nothing is lost, try again.');
  // Read models, keys and indexes lie in a database that may be restarted under us, whoever of them was asked.
  if (isTransient(error)) return tryAgain('The database cannot be reached at the moment; nothing is lost, try again.');
  return undefined;
};

/** What Fastify and Nest refuse by themselves: unknown routes, media types, sizes, malformed bodies. */
const frameworkRefusal = (error: unknown): ScimError => {
  const status = frameworkStatus(error);
  if (error instanceof MalformedJson) return new ScimError(400, 'invalidSyntax', error.message);
  if (status !== undefined && status in frameworkDetails)
    return new ScimError(status, undefined, frameworkDetails[status] ?? '');
  if (status !== undefined && status >= 400 && status < 500)
    return new ScimError(status, undefined, 'The request is not valid HTTP for this endpoint.');
  return new ScimError(500, undefined, 'Something went wrong on our side; it has been recorded with the request id.');
};

const frameworkDetails: Readonly<Record<number, string>> = {
  404: 'There is no SCIM endpoint at this path.',
  413: 'The request body is larger than this endpoint accepts.',
  408: 'The request did not arrive in time.',
  415: `Send the body as ${SCIM_MEDIA_TYPE} or application/json.`,
  431: 'The URL and headers are larger than this server reads; send long queries by POST to .search.',
};
