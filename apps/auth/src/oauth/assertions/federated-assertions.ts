import { errors, jwtVerify, type JWTPayload } from 'jose';
import { CLOCK_SKEW_SECONDS } from '#access';
import type { Federation } from '#tenancy';
import type { RemoteKeySets } from './remote-key-sets.js';

const ALGORITHMS = ['RS256', 'PS256', 'ES256'];
const LONGEST_SHOWN = 200;

/** The assertion does not stand for the client. `message` says what did not match, for the administrator's eyes and not for the caller's. */
export class AssertionRefused extends Error {}

/**
 * Client assertions of another issuer (RFC 7523 §2.2 with `iss` ≠ client id), as Entra's workload identity federation sends them (C-E17). They
 * carry no `jti` and are presented again until they expire, so there is nothing to detect a replay by: RFC 7523 §3 leaves it open.
 */
export class FederatedAssertions {
  constructor(
    private readonly keys: RemoteKeySets,
    private readonly now: () => Date,
  ) {}

  /** Resolves when the assertion is good. Throws AssertionRefused, or KeysOutOfReach. */
  async verify(assertion: string, { issuer, jwksUri, subject, audience }: Federation): Promise<void> {
    try {
      await jwtVerify(assertion, this.keys.at(jwksUri), {
        algorithms: ALGORITHMS,
        issuer,
        subject,
        audience,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: this.now(),
      });
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      throw new AssertionRefused(reasonOf(error, { iss: issuer, sub: subject, aud: audience }), { cause: error });
    }
  }
}

const reasonOf = (error: errors.JOSEError, expected: JWTPayload): string => {
  if (error instanceof errors.JWKSNoMatchingKey) return 'kid: the issuer publishes no such key at the JWKS URL.';
  if (error instanceof errors.JWSSignatureVerificationFailed)
    return 'The signature does not match the key of the issuer.';
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    const { claim, payload } = error;
    const wanted = Object.hasOwn(expected, claim) ? `expected ${shown(expected[claim])}, ` : '';
    return `${claim}: ${wanted}the assertion says ${shown(payload[claim])}.`;
  }
  return error.message;
};

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, LONGEST_SHOWN);
