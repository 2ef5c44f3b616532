import type { Scope, TenantSettings } from '#tenancy';

export interface KnownTenant {
  readonly tenantId: string;
  readonly status: 'active' | 'suspended' | 'offboarded';
  readonly settings: TenantSettings;
  /** Moves whenever a schema or resource type of the tenant's own does; 0 when it never had one. */
  readonly schemasRevision: number;
}

export interface KnownScimToken {
  readonly tokenId: string;
  readonly hash: string;
  readonly expiresAt: Date;
  readonly revoked: boolean;
  readonly scopes: readonly Scope[];
  readonly tenant: KnownTenant;
}

export interface KnownClient {
  readonly clientId: string;
  readonly enabled: boolean;
  /** Ids of its access tokens, and of grants they came from, that were revoked before their time. */
  readonly revoked: ReadonlySet<string>;
  readonly tenant: KnownTenant;
}

/** What resource servers must know of credentials beyond what a JWT says. */
export abstract class TokenDirectory {
  /** A SCIM token by its id; undefined when there is none. */
  abstract scimToken(tokenId: string): Promise<KnownScimToken | undefined>;

  /** An OAuth client by its id; undefined when there is none (any more). */
  abstract client(clientId: string): Promise<KnownClient | undefined>;

  /** A tenant by its id; undefined when there never was one. */
  abstract tenant(tenantId: string): Promise<KnownTenant | undefined>;
}
