/** The `scimType` keywords of RFC 7644 §3.12 and RFC 9865 §2.1. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount';

export const errorUrn = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** Details name attributes and paths as they were sent: one of a megabyte must not come back, nor reach a log. */
const LONGEST_DETAIL = 1_000;

/** A refusal in SCIM's own words. `message` is the `detail` that the client reads: it names the fault, never a value. */
export class ScimError extends Error {
  override readonly name = 'ScimError';
  readonly detail: string;

  constructor(
    readonly status: number,
    readonly scimType: ScimType | undefined,
    detail: string,
  ) {
    const shown = detail.length > LONGEST_DETAIL ? `${detail.slice(0, LONGEST_DETAIL)}…` : detail;
    super(shown);
    this.detail = shown;
  }
}

/** An Error message: these members and no others, since strict clients refuse more (RFC 7644 §3.12). */
export interface ErrorBody {
  readonly schemas: readonly [typeof errorUrn];
  readonly status: string;
  readonly scimType?: ScimType;
  readonly detail: string;
}

/** The body of an error answer; `status` is a string there (RFC 7644 §3.12). */
export const toErrorBody = ({
  status,
  scimType,
  detail,
}: Pick<ScimError, 'status' | 'scimType' | 'detail'>): ErrorBody => ({
  schemas: [errorUrn],
  status: String(status),
  ...(scimType === undefined ? {} : { scimType }),
  detail,
});

const badRequest = (scimType: ScimType) => (detail: string) => new ScimError(400, scimType, detail);

export const invalidFilter = badRequest('invalidFilter');
export const invalidPath = badRequest('invalidPath');
export const invalidSyntax = badRequest('invalidSyntax');
export const invalidValue = badRequest('invalidValue');
export const mutability = badRequest('mutability');
export const noTarget = badRequest('noTarget');
