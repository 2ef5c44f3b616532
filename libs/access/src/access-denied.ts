export interface Refusal {
  readonly status: 401 | 403 | 429 | 503;
  /** RFC 6750 §3.1 where there is one. */
  readonly error?: 'invalid_token' | 'insufficient_scope';
  readonly retryAfterSeconds?: number;
}

/** The caller is not let in. The edge turns it into the answer of its API; `headers` belong to any of them. */
export class AccessDenied extends Error {
  readonly status: Refusal['status'];
  readonly headers: Readonly<Record<string, string>>;

  /** `detail` is for the client's eyes. */
  constructor(
    readonly detail: string,
    refusal: Refusal,
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'AccessDenied';
    this.status = refusal.status;
    this.headers = headersOf(detail, refusal);
  }
}

const headersOf = (detail: string, { status, error, retryAfterSeconds }: Refusal): Record<string, string> => {
  if (retryAfterSeconds !== undefined) return { 'retry-after': String(retryAfterSeconds) };
  if (status !== 401 && error === undefined) return {};
  const scope = error === 'insufficient_scope' ? ', scope="scim"' : '';
  const reason =
    error === undefined ? '' : `, error="${error}", error_description="${detail.replaceAll('"', "'")}"${scope}`;
  return { 'www-authenticate': `Bearer realm="rollcall"${reason}` };
};

export const noCredential = (): AccessDenied =>
  new AccessDenied('Send a bearer token in the Authorization header.', { status: 401 });

/** One text for every kind of bad credential, so that it does not tell which guess was close. */
export const badCredential = (): AccessDenied =>
  new AccessDenied('The access token is unknown, expired, revoked or malformed.', {
    status: 401,
    error: 'invalid_token',
  });

/** Alike for another customer's tenant and for one that does not exist. */
export const foreignTenant = (): AccessDenied =>
  new AccessDenied('The access token is not for this tenant.', { status: 403 });

export const tenantSuspended = (): AccessDenied => new AccessDenied('The tenant is suspended.', { status: 403 });

export const scopeMissing = (): AccessDenied =>
  new AccessDenied('The access token lacks the scope scim.', { status: 403, error: 'insufficient_scope' });

export const tooManyRequests = (retryAfterSeconds: number): AccessDenied =>
  new AccessDenied('Too many requests with this credential; try again later.', { status: 429, retryAfterSeconds });

export const tooManyFailures = (retryAfterSeconds: number): AccessDenied =>
  new AccessDenied('Too many bad credentials from this address; try again later.', { status: 429, retryAfterSeconds });

/** Credentials cannot be checked now: database or JWKS are out of reach. Never an answer about the credential itself. */
export const cannotCheck = (cause: unknown): AccessDenied =>
  new AccessDenied(
    'Credentials cannot be checked at the moment; try again.',
    { status: 503, retryAfterSeconds: 1 },
    { cause },
  );
