import { KeyObject } from 'node:crypto';
import { createRemoteJWKSet, decodeProtectedHeader, errors, type JWTHeaderParameters } from 'jose';
import { Strategy, type StrategyOptionsWithoutRequest, type VerifyCallback } from 'passport-jwt';
import { badCredential, cannotCheck } from '../access-denied.js';

/** The claims that access needs (RFC 9068 §2.2, and the tenant). */
export interface AccessTokenClaims {
  readonly client_id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  /** What revokes it: its own id, and that of the grant it came from when an administrator consented. */
  readonly ids: readonly string[];
  /** Seconds since 1970. */
  readonly exp: number;
}

/** Finds the public key that a token's header names. Rejects with jose's JWKSNoMatchingKey when there is none. */
export type PublicKeys = (header: JWTHeaderParameters) => Promise<KeyObject>;

/** What may sign. HS256 and none are not in it, whatever a header says (RFC 8725 §3.1); jsonwebtoken cannot do EdDSA. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;
/** How far clocks may be apart (RFC 7519 §4.1.4: no more than a few minutes). */
export const CLOCK_SKEW_SECONDS = 30;

/** Keys of the authorization server over HTTP, cached; an unknown `kid` asks again, at most every two seconds. */
export const remoteKeys = (jwksUrl: string): PublicKeys => {
  const find = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: 600_000,
    cooldownDuration: 2000,
    timeoutDuration: 5000,
  });
  return async (header) => KeyObject.from(await find(header, { payload: '', signature: '' }));
};

/** The base URL of a tenant's SCIM endpoints: the audience of its access tokens (DESIGN §7). */
export const scimBaseUrl = (publicUrl: string, tenantId: string): string => `${publicUrl}/t/${tenantId}/scim/v2`;

/**
 * Verifies JWT access tokens (RFC 9068 §4) with passport-jwt. The strategy is run directly: passport's registry of strategies is one for the
 * whole process, and a process may hold several applications.
 */
export class JwtVerifier {
  private readonly strategy: Strategy;

  constructor(
    private readonly publicUrl: string,
    keys: PublicKeys,
  ) {
    const options = {
      jwtFromRequest: ({ credential }: { credential: string }) => credential,
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: unknown, key?: KeyObject) => void) =>
        findKey(keys, token).then((key) => done(null, key), done),
      issuer: publicUrl,
      algorithms: [...ALGORITHMS],
      jsonWebTokenOptions: { clockTolerance: CLOCK_SKEW_SECONDS },
    };
    const verify: VerifyCallback = (payload: Record<string, unknown>, done) => {
      const claims = this.claimsOf(payload);
      done(null, claims ?? false);
    };
    this.strategy = new Strategy(options as unknown as StrategyOptionsWithoutRequest, verify);
  }

  /** Returns the claims. Throws AccessDenied: 401 for a bad token, 503 when the keys are out of reach. */
  verify(credential: string): Promise<AccessTokenClaims> {
    return new Promise((resolve, reject) => {
      const run: unknown = Object.assign(Object.create(this.strategy) as object, {
        success: (claims: AccessTokenClaims) => resolve(claims),
        fail: (reason: unknown) => reject(reason instanceof KeysUnavailable ? cannotCheck(reason) : badCredential()),
        error: (error: unknown) => reject(error instanceof Error ? error : badCredential()),
      });
      (run as { authenticate(request: { credential: string }): void }).authenticate({ credential });
    });
  }

  private claimsOf(payload: Record<string, unknown>): AccessTokenClaims | undefined {
    const { client_id, tenant, aud, scope, exp, jti, grant } = payload;
    if (typeof client_id !== 'string' || typeof tenant !== 'string' || typeof exp !== 'number') return undefined;
    if (aud !== scimBaseUrl(this.publicUrl, tenant)) return undefined;
    const ids = [jti, grant].filter((id) => typeof id === 'string');
    return { client_id, tenant, exp, ids, scopes: typeof scope === 'string' ? scope.split(' ') : [] };
  }
}

class KeysUnavailable extends Error {}

const findKey = async (keys: PublicKeys, token: string): Promise<KeyObject> => {
  const header = decodeProtectedHeader(token);
  const { alg, typ } = header;
  // An ID token or any other JWT of the issuer is no access token (RFC 9068 §4).
  if (alg === undefined || !/^(application\/)?at\+jwt$/i.test(typ ?? '')) throw badCredential();
  try {
    return await keys({ ...header, alg });
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JOSENotSupported) throw badCredential();
    throw new KeysUnavailable('The keys of the authorization server cannot be read.', { cause: error });
  }
};
