import { AccessDenied } from '#access';
import { ScimError } from '#scim';

/** Codes of errors are words of this product, or of the database and the system below it. */
const CODE = /^[A-Za-z\d][\w-]{1,63}$/;

const OF_STATUS: Readonly<Record<number, string>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  408: 'request-timeout',
  409: 'conflict',
  412: 'precondition-failed',
  413: 'too-large',
  415: 'unsupported-media-type',
  422: 'key-reused',
  429: 'too-many-requests',
  501: 'not-implemented',
};

/** Why a request was refused, in one word that holds nothing of what it said: the code of the error, else what its status means. */
export const refusalCode = (error: unknown, status: number): string => {
  const general = OF_STATUS[status] ?? (status >= 500 ? 'failed' : 'refused');
  if (error instanceof ScimError) return error.scimType ?? general;
  if (error instanceof AccessDenied) return general;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === 'string' && CODE.test(code) ? code : general;
};
