import { frameworkStatus, type ErrorFormat } from '#runtime';
import { ScimError } from '#scim';
import { scimErrorAnswer } from '../edge/scim-errors.js';
import type { BulkLimits } from './bulk-limits.js';

/** Errors of /Bulk: a body that is too large names the limit (RFC 7644 §3.7.4). */
export const bulkErrorAnswer =
  ({ maxPayloadSize }: BulkLimits): ErrorFormat =>
  (error) => {
    const isTooLarge = !(error instanceof ScimError) && frameworkStatus(error) === 413;
    return scimErrorAnswer(
      isTooLarge ? new ScimError(413, undefined, `The request exceeds maxPayloadSize (${maxPayloadSize}).`) : error,
    );
  };
