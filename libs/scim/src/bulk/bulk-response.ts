import { urns } from '../messages/urns.js';

/** What became of one operation (RFC 7644 §3.7.3). */
export interface BulkResult {
  readonly method: string;
  readonly bulkId?: string;
  /** ETag of the resource as the operation left it. */
  readonly version?: string;
  /** For all but a POST that failed. */
  readonly location?: string;
  readonly status: number;
  /** Of every status outside 2xx. */
  readonly response?: unknown;
}

export interface BulkResponse {
  readonly schemas: readonly [typeof urns.bulkResponse];
  readonly Operations: readonly (Omit<BulkResult, 'status'> & { readonly status: string })[];
}

/** The answer to a bulk job; `status` is a string there, as in an Error. */
export const bulkResponse = (results: readonly BulkResult[]): BulkResponse => ({
  schemas: [urns.bulkResponse],
  Operations: results.map(({ status, ...result }) => ({ ...result, status: String(status) })),
});
