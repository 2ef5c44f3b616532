import { createLocalJWKSet, errors as jose, jwtVerify, type JWTPayload } from 'jose';
import type { SigningKeySet } from '#access';
import type { ArtifactStore } from './artifact-store.js';
import type { ClientRegistry } from './client-registry.js';

/** Who asks about a token, or takes it back. */
export interface AskingClient {
  readonly clientId: string;
  readonly tenant: string;
}

interface Claims extends JWTPayload {
  readonly client_id: string;
  readonly tenant: string;
  readonly jti: string;
  readonly exp: number;
  readonly grant?: string;
}

interface Parts {
  readonly issuer: string;
  readonly clients: Pick<ClientRegistry, 'find'>;
  readonly artifacts: Pick<ArtifactStore, 'isRevoked' | 'revokeAccessToken'>;
  readonly now: () => Date;
}

/** Introspection (RFC 7662) and revocation (RFC 7009) of access tokens that are JWTs: oidc-provider does them for tokens it has stored. */
export class AccessTokens {
  private readonly keys: ReturnType<typeof createLocalJWKSet>;

  constructor(
    private readonly parts: Parts,
    { keys }: SigningKeySet,
  ) {
    const published = keys.map(({ kty = '', n = '', e = '', kid = '', alg = '' }) => ({ kty, n, e, kid, alg }));
    this.keys = createLocalJWKSet({ keys: published });
  }

  /** What the token says, to a client of the same tenant; whatever is not a live token of that tenant is `{"active":false}` (RFC 7662 §2.2). */
  async introspect(token: string, { tenant }: AskingClient): Promise<object> {
    const claims = await this.claimsOf(token);
    if (claims === undefined || claims.tenant !== tenant || !(await this.isLive(claims))) return { active: false };
    const { grant: _, ...shown } = claims;
    return { active: true, token_type: 'Bearer', ...shown };
  }

  /** From now on the token is refused. What is no token any more is fine (RFC 7009 §2.2). Returns false when it is another client's. */
  async revoke(token: string, { clientId }: AskingClient): Promise<boolean> {
    const claims = await this.claimsOf(token);
    if (claims === undefined) return true;
    if (claims.client_id !== clientId) return false;
    await this.parts.artifacts.revokeAccessToken(clientId, claims.jti, new Date(claims.exp * 1000));
    return true;
  }

  private async isLive({ client_id, jti, grant }: Claims): Promise<boolean> {
    const { clients, artifacts } = this.parts;
    if ((await clients.find(client_id)) === undefined) return false;
    return !(await artifacts.isRevoked(client_id, grant === undefined ? [jti] : [jti, grant]));
  }

  private async claimsOf(token: string): Promise<Claims | undefined> {
    try {
      const { payload } = await jwtVerify<Claims>(token, this.keys, {
        issuer: this.parts.issuer,
        typ: 'at+jwt',
        algorithms: ['RS256'],
        requiredClaims: ['client_id', 'tenant', 'jti', 'exp'],
        currentDate: this.parts.now(),
      });
      return payload;
    } catch (error) {
      if (error instanceof jose.JOSEError) return undefined;
      throw error;
    }
  }
}
