import { Column, Entity, PrimaryColumn } from 'typeorm';
import type {
  ChosenSettings,
  ClientAuthentication,
  CustomResourceType,
  ExtendedType,
  ExtensionSchema,
  GrantType,
  Scope,
} from '#tenancy';

/** A tenant as operators and resource servers see it. */
@Entity('tenants')
export class TenantRow {
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'display_name' }) declare displayName: string;
  @Column('text') declare status: 'active' | 'suspended' | 'offboarded';
  @Column('jsonb') declare settings: ChosenSettings;
  @Column('integer', { name: 'schemas_revision', default: 0 }) declare schemasRevision: number;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
  /** Of an off-boarded tenant: until when its data is kept; null where it is not. */
  @Column('timestamptz', { name: 'erases_at', nullable: true }) declare erasesAt: Date | null;
  @Column('timestamptz', { name: 'erased_at', nullable: true }) declare erasedAt: Date | null;
  /** Nothing of the erased tenant is left to be removed. */
  @Column('timestamptz', { name: 'cleared_at', nullable: true }) declare clearedAt: Date | null;
}

/** An OAuth client; deleted ones have no row. */
@Entity('oauth_clients')
export class OAuthClientRow {
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('text') declare name: string;
  @Column('text', { name: 'grant_types', array: true }) declare grantTypes: GrantType[];
  @Column('text', { name: 'redirect_uris', array: true }) declare redirectUris: string[];
  @Column('boolean') declare enabled: boolean;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('jsonb', { default: { method: 'client_secret_basic' } }) declare authentication: ClientAuthentication;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) declare lastUsedAt: Date | null;
  /** The administrator whose consent it stands on, and since when. */
  @Column('text', { name: 'authorized_by', nullable: true }) declare authorizedBy: string | null;
  @Column('timestamptz', { name: 'authorized_at', nullable: true }) declare authorizedAt: Date | null;
  /** Why the token endpoint last turned it away, for whoever sets it up. */
  @Column('text', { name: 'last_refusal', nullable: true }) declare lastRefusal: string | null;
  @Column('timestamptz', { name: 'last_refused_at', nullable: true }) declare lastRefusedAt: Date | null;
}

/** A secret of a client: its hash. Revoked ones have no row. */
@Entity('oauth_client_secrets')
export class ClientSecretRow {
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'client_id' }) declare clientId: string;
  @Column('text') declare hash: string;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) declare expiresAt: Date;
}

/** An administrator of a tenant; who it is stands beside the log (AdministratorPersons). */
@Entity('administrators')
export class AdministratorRow {
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('boolean') declare activated: boolean;
  @Column('boolean') declare enabled: boolean;
  @Column('timestamptz', { name: 'invited_at' }) declare invitedAt: Date;
  @Column('timestamptz', { name: 'link_expires_at' }) declare linkExpiresAt: Date;
  @Column('timestamptz', { name: 'last_signed_in_at', nullable: true }) declare lastSignedInAt: Date | null;
}

/** A long-lived SCIM token: its hash. Revoked ones stay in the list. */
@Entity('scim_tokens')
export class ScimTokenRow {
  @PrimaryColumn('text') declare id: string;
  @Column('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('text') declare name: string;
  @Column('text') declare hash: string;
  @Column('text', { array: true }) declare scopes: Scope[];
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) declare expiresAt: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) declare revokedAt: Date | null;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) declare lastUsedAt: Date | null;
}

/** A schema of a tenant's own; removed ones have no row. */
@Entity('extension_schemas')
export class ExtensionSchemaRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  /** In lower case: URNs are compared without it (RFC 7644 §3.10). */
  @PrimaryColumn('text', { name: 'urn_folded' }) declare urnFolded: string;
  @Column('text') declare urn: string;
  @Column('text', { name: 'resource_type' }) declare resourceType: ExtendedType;
  @Column('boolean') declare required: boolean;
  @Column('jsonb') declare schema: ExtensionSchema['schema'];
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
}

/** A resource type of a tenant's own; removed ones have no row. */
@Entity('resource_types')
export class ResourceTypeRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @PrimaryColumn('text', { name: 'name_folded' }) declare nameFolded: string;
  @Column('jsonb') declare definition: CustomResourceType;
  @Column('timestamptz', { name: 'created_at' }) declare createdAt: Date;
  @Column('timestamptz', { name: 'changed_at' }) declare changedAt: Date;
}

/** How far the rows of a tenant follow its control stream. */
@Entity('control_checkpoints')
export class ControlCheckpointRow {
  @PrimaryColumn('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('integer') declare revision: number;
}

/** An act under way: its process marks it before the append and takes the mark away when the rows show it. */
@Entity('control_acts')
export class ControlActRow {
  @PrimaryColumn('uuid') declare id: string;
  @Column('text', { name: 'tenant_id' }) declare tenantId: string;
  @Column('timestamptz', { name: 'started_at' }) declare startedAt: Date;
}

/** A key that signs access tokens; the private half is encrypted by a key that the master key wraps. */
@Entity('signing_keys')
export class SigningKeyRow {
  @PrimaryColumn('text') declare kid: string;
  @Column('text') declare algorithm: string;
  @Column('jsonb', { name: 'public_jwk' }) declare publicJwk: Record<string, unknown>;
  @Column('bytea', { name: 'sealed_private_jwk' }) declare sealedPrivateJwk: Buffer;
  @Column('bytea', { name: 'wrapped_key' }) declare wrappedKey: Buffer;
  @Column('text', { name: 'master_key_id' }) declare masterKeyId: string;
  @Column('timestamptz', { name: 'use_from' }) declare useFrom: Date;
}

/** The control plane's tables. They hold no personal data and belong to operators, so no row-level security stands under them. */
export const accessEntities = [
  TenantRow,
  OAuthClientRow,
  ClientSecretRow,
  AdministratorRow,
  ScimTokenRow,
  ExtensionSchemaRow,
  ResourceTypeRow,
  ControlCheckpointRow,
  ControlActRow,
  SigningKeyRow,
];
