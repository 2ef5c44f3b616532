import { AccessDenied } from '#access';
import { OperatorRefusal, type OperatorRefusalCode } from '#directory';
import { AppendTooLarge, DomainError, EventLogUnavailable, TooContended } from '#event-sourcing';
import { isConnectionLoss } from '#postgres';
import { ReadModelBehind, ReadModelParked } from '#read-model';
import { frameworkStatus, type ErrorAnswer } from '#runtime';
import { TenancyError, type TenancyErrorCode } from '#tenancy';
import { InvalidInput } from './input.js';

interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly details?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Total: a new refusal does not build until it has a status. */
export const tenancyStatuses: Readonly<Record<TenancyErrorCode, number>> = {
  'tenant-id-invalid': 400,
  'tenant-id-taken': 409,
  'tenant-not-found': 404,
  'tenant-erased': 410,
  'name-invalid': 400,
  'setting-invalid': 400,
  'expiry-invalid': 400,
  'scope-unknown': 400,
  'client-id-taken': 409,
  'client-not-found': 404,
  'grant-type-unsupported': 400,
  'redirect-uri-invalid': 400,
  'authentication-invalid': 400,
  'secret-not-found': 404,
  'secret-not-used': 409,
  'too-many-secrets': 409,
  'administrator-not-found': 404,
  'administrator-disabled': 409,
  'administrator-email-taken': 409,
  'too-many-administrators': 409,
  'token-id-taken': 409,
  'token-not-found': 404,
  'too-many-tokens': 409,
  'schema-urn-invalid': 400,
  'schema-urn-taken': 409,
  'schema-invalid': 400,
  'schema-incompatible': 409,
  'schema-not-found': 404,
  'too-many-schemas': 409,
  'import-unfinished': 409,
  'schema-in-use': 409,
  'resource-type-invalid': 400,
  'resource-type-taken': 409,
  'resource-type-incompatible': 409,
  'resource-type-not-found': 404,
  'too-many-resource-types': 409,
};

/** Total, like the one above. */
export const operatorStatuses: Readonly<Record<OperatorRefusalCode, number>> = {
  'resource-not-found': 404,
  'resource-not-deleted': 409,
  'resource-erased': 410,
};

/** Every error of the admin API: `{"error":{"code","message","details"}}`. `code` is stable, `details` lists what is wrong in the input. */
export const adminErrorAnswer = (error: unknown): ErrorAnswer => {
  const { status, code, message, details, headers } = problemOf(error);
  return {
    status,
    contentType: 'application/json',
    body: { error: { code, message, ...(details === undefined ? {} : { details }) } },
    ...(headers === undefined ? {} : { headers }),
  };
};

const problemOf = (error: unknown): Problem => {
  if (error instanceof TenancyError)
    return { status: tenancyStatuses[error.code], code: error.code, message: error.message };
  if (error instanceof InvalidInput)
    return { status: 400, code: 'input-invalid', message: error.message, details: error.faults };
  if (error instanceof AccessDenied)
    return { status: error.status, code: accessCodes[error.status], message: error.message, headers: error.headers };
  if (error instanceof AppendTooLarge) return { status: 413, code: 'too-large', message: error.message };
  return directoryProblem(error) ?? storeProblem(error) ?? frameworkProblem(error);
};

const accessCodes: Readonly<Record<AccessDenied['status'], string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  429: 'too-many-requests',
  503: 'unavailable',
};

const directoryProblem = (error: unknown): Problem | undefined => {
  if (error instanceof OperatorRefusal)
    return { status: operatorStatuses[error.code], code: error.code, message: error.message };
  if (error instanceof DomainError && error.code === 'resource-not-found')
    return { status: 404, code: 'resource-not-found', message: error.message };
  return undefined;
};

const storeProblem = (error: unknown): Problem | undefined => {
  if (error instanceof ReadModelBehind || error instanceof ReadModelParked)
    return { status: 503, code: 'unavailable', message: error.message, headers: { 'retry-after': '1' } };
  if (!(error instanceof TooContended || error instanceof EventLogUnavailable || isConnectionLoss(error)))
    return undefined;
  return {
    status: 503,
    code: 'unavailable',
    message: 'The store cannot be reached or is busy; try again.',
    headers: { 'retry-after': '1' },
  };
};

const frameworkProblem = (error: unknown): Problem => {
  const status = frameworkStatus(error);
  if (status === undefined || status < 400 || status >= 500)
    return { status: 500, code: 'internal-error', message: 'Something went wrong on our side.' };
  const message = error instanceof Error ? error.message : 'The request is not valid.';
  return { status, code: FRAMEWORK_CODES[status] ?? 'request-invalid', message };
};

const FRAMEWORK_CODES: Readonly<Record<number, string>> = { 404: 'not-found', 413: 'too-large' };
