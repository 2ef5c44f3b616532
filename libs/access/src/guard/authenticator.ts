import { createHash } from 'node:crypto';
import { LeastRecentlyUsed, type Actor } from '#event-sourcing';
import { AccessDenied, badCredential, cannotCheck } from '../access-denied.js';
import { hashSecret, SCIM_TOKEN_PREFIX, scimTokenId, secretMatches } from '../credentials/secret.js';
import type { KnownTenant, TokenDirectory } from '../directory/token-directory.js';
import { CLOCK_SKEW_SECONDS, type JwtVerifier } from './jwt-verifier.js';

/** Who calls, for which tenant, and what it may do. */
export interface Caller {
  readonly actor: Actor & { readonly kind: 'client' | 'token' };
  readonly tenant: KnownTenant;
  readonly scopes: readonly string[];
}

/** What a credential proved when it was verified; whether it still holds is asked of the directory every time. */
interface Proof {
  readonly kind: 'client' | 'token';
  readonly id: string;
  readonly tenantId: string;
  readonly scopes: readonly string[];
  /** Of a JWT: ids that would revoke it. */
  readonly ids: readonly string[];
  readonly expiresAtMs: number;
}

export interface AuthenticatorOptions {
  readonly cachedProofs: number;
  readonly now: () => Date;
}

const NO_HASH = hashSecret('');

/** Takes SCIM tokens and JWT access tokens alike. */
export class Authenticator {
  private readonly proofs: LeastRecentlyUsed<Proof>;

  constructor(
    private readonly directory: TokenDirectory,
    private readonly jwt: JwtVerifier,
    private readonly options: AuthenticatorOptions = { cachedProofs: 20_000, now: () => new Date() },
  ) {
    this.proofs = new LeastRecentlyUsed(options.cachedProofs);
  }

  /** Returns who calls. Throws AccessDenied: 401 for a bad credential, 503 when it cannot be checked. */
  async authenticate(credential: string): Promise<Caller> {
    const fingerprint = createHash('sha256').update(credential).digest('base64');
    const proof = this.proofs.get(fingerprint) ?? (await this.prove(credential));
    if (proof.expiresAtMs <= this.options.now().getTime()) throw badCredential();
    const tenant = await this.liveTenant(proof);
    this.proofs.set(fingerprint, proof);
    return { actor: { kind: proof.kind, id: proof.id }, tenant, scopes: proof.scopes };
  }

  private prove(credential: string): Promise<Proof> {
    return credential.startsWith(SCIM_TOKEN_PREFIX) ? this.proveToken(credential) : this.proveJwt(credential);
  }

  private async proveToken(credential: string): Promise<Proof> {
    const tokenId = scimTokenId(credential);
    if (tokenId === undefined) throw badCredential();
    const known = await reachable(this.directory.scimToken(tokenId));
    // Compared even when there is no such token: an unknown id takes the same work as a wrong secret.
    const matches = secretMatches(credential, known?.hash ?? NO_HASH);
    if (known === undefined || !matches) throw badCredential();
    const { expiresAt, scopes, tenant } = known;
    const { tenantId } = tenant;
    return { kind: 'token', id: tokenId, tenantId, scopes, ids: [], expiresAtMs: expiresAt.getTime() };
  }

  private async proveJwt(credential: string): Promise<Proof> {
    const { client_id: id, tenant: tenantId, scopes, ids, exp } = await this.jwt.verify(credential);
    return { kind: 'client', id, tenantId, scopes, ids, expiresAtMs: (exp + CLOCK_SKEW_SECONDS) * 1000 };
  }

  /** Revoked tokens, disabled and deleted clients, off-boarded tenants: known as soon as the directory knows. */
  private async liveTenant(proof: Proof): Promise<KnownTenant> {
    const tenant = await reachable(proof.kind === 'token' ? this.ofToken(proof.id) : this.ofClient(proof));
    if (tenant === undefined || tenant.tenantId !== proof.tenantId || tenant.status === 'offboarded')
      throw badCredential();
    return tenant;
  }

  private async ofToken(tokenId: string): Promise<KnownTenant | undefined> {
    const token = await this.directory.scimToken(tokenId);
    return token === undefined || token.revoked ? undefined : token.tenant;
  }

  private async ofClient({ id, ids }: Proof): Promise<KnownTenant | undefined> {
    const client = await this.directory.client(id);
    if (client?.enabled !== true || ids.some((one) => client.revoked.has(one))) return undefined;
    return client.tenant;
  }
}

/** A directory out of reach says nothing about the credential. */
const reachable = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof AccessDenied ? error : cannotCheck(error);
  }
};
