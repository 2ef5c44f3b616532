import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { FindResources, Place } from '#read-model';
import { ScimError } from '#scim';
import type { ListParameters } from '../edge/query-parameters.js';
import type { RequestContext } from '../edge/request-context.js';

/** How long a cursor is good for, from the page it came with (RFC 9865 §4, `cursorTimeout`). */
export const CURSOR_TIMEOUT_SECONDS = 3600;

/** A list query as a client asked it: what a cursor is bound to. */
export interface PagedQuery {
  readonly context: Pick<RequestContext, 'tenantId' | 'metadata'>;
  /** What is asked, as in `Users`; empty for the query over all types. */
  readonly endpoint: string;
  readonly parameters: ListParameters;
}

interface Bookmark {
  readonly place: Place;
  readonly count: number;
  readonly issuedAtMs: number;
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Cursors of RFC 9865: the place of a page's last resource, encrypted under a key of the tenant and bound to tenant, credential, endpoint,
 * filter and sort. Nothing is kept on the server, every replica reads them, and a changed, foreign or repurposed one is none (X6). They are
 * encrypted, not only signed, because what is sorted by may be personal and cursors stand in URLs.
 */
export class PageCursors {
  /** `masterKey`: base64; the keys of all tenants are derived from it. */
  constructor(
    private readonly masterKey: string,
    private readonly now: () => number = () => Date.now(),
  ) {}

  /**
   * Which page the query asks for. Throws 400 `invalidCursor`, `expiredCursor`, or `invalidCount` when the page has another size than the one
   * before (X4).
   */
  pageOf({ context, endpoint, parameters }: PagedQuery): Pick<FindResources, 'startIndex' | 'count' | 'keyset'> {
    const { cursor, startIndex, count } = parameters;
    if (cursor === undefined) return { startIndex, count };
    if (cursor === '') return { startIndex: 1, count, keyset: { after: undefined } };
    const bookmark = this.open(cursor, { context, endpoint, parameters });
    if (this.now() - bookmark.issuedAtMs > CURSOR_TIMEOUT_SECONDS * 1000)
      throw new ScimError(
        400,
        'expiredCursor',
        `The cursor is older than ${CURSOR_TIMEOUT_SECONDS} seconds: begin anew.`,
      );
    if (bookmark.count !== count)
      throw new ScimError(400, 'invalidCount', 'The "count" must be the same on every page of a query by cursor.');
    return { startIndex: 1, count, keyset: { after: bookmark.place } };
  }

  /** What the ListResponse says of the paging: where it is, or how to go on (X2). */
  members(query: PagedQuery, next: Place | undefined): { readonly startIndex?: number; readonly nextCursor?: string } {
    if (query.parameters.cursor === undefined) return { startIndex: query.parameters.startIndex };
    return next === undefined ? {} : { nextCursor: this.seal(next, query) };
  }

  private seal(place: Place, query: PagedQuery): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.keyOf(query), iv, { authTagLength: TAG_BYTES });
    cipher.setAAD(bindingOf(query));
    const bookmark: Bookmark = { place, count: query.parameters.count, issuedAtMs: this.now() };
    const sealed = Buffer.concat([cipher.update(JSON.stringify(bookmark)), cipher.final()]);
    return Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url'); // unreserved characters alone (X1)
  }

  /** One error for every cursor that is not ours for this query, so that it tells nothing of anybody else's. */
  private open(cursor: string, query: PagedQuery): Bookmark {
    const box = Buffer.from(cursor, 'base64url');
    try {
      const decipher = createDecipheriv(ALGORITHM, this.keyOf(query), box.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bindingOf(query));
      decipher.setAuthTag(box.subarray(-TAG_BYTES));
      const plain = Buffer.concat([decipher.update(box.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      return JSON.parse(plain.toString('utf8')) as Bookmark;
    } catch {
      throw new ScimError(
        400,
        'invalidCursor',
        'The cursor does not belong to this query: send an empty one for the first page, then each "nextCursor" with the same parameters.',
      );
    }
  }

  private keyOf({ context }: PagedQuery): Uint8Array {
    const master = Buffer.from(this.masterKey, 'base64');
    return new Uint8Array(hkdfSync('sha256', master, '', `rollcall page cursors 1 ${context.tenantId}`, 32));
  }
}

const bindingOf = ({ context, endpoint, parameters }: PagedQuery): Buffer => {
  const { filter, sortBy, sortOrder } = parameters;
  const { tenantId, metadata } = context;
  return Buffer.from(
    JSON.stringify([tenantId, metadata.actor.kind, metadata.actor.id, endpoint, filter, sortBy, sortOrder]),
  );
};
