import { urns } from './urns.js';

export interface ListParts<Resource> {
  readonly resources: readonly Resource[];
  readonly totalResults: number;
  /** Index paging: the 1-based place asked for. */
  readonly startIndex?: number;
  /** Cursor paging (RFC 9865): absent on the last page. */
  readonly nextCursor?: string;
  readonly previousCursor?: string;
}

export interface ListResponse<Resource> {
  readonly schemas: readonly [typeof urns.listResponse];
  readonly totalResults: number;
  readonly startIndex?: number;
  readonly itemsPerPage: number;
  readonly nextCursor?: string;
  readonly previousCursor?: string;
  readonly Resources: readonly Resource[];
}

/** The answer to any query, also to one with a single hit or none (RFC 7644 §3.4.2). */
export const listResponse = <Resource>({
  resources,
  totalResults,
  ...paging
}: ListParts<Resource>): ListResponse<Resource> => ({
  schemas: [urns.listResponse],
  totalResults,
  itemsPerPage: resources.length,
  ...paging,
  Resources: resources,
});
