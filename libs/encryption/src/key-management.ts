/** Which tenant key is wrapped; authenticated by the wrapping, so that a key moved to another tenant does not unwrap. */
export interface TenantKeyName {
  readonly tenantId: string;
  /** `data` wraps subject keys and may be rotated; `claims` hashes unique values and never is. */
  readonly purpose: 'data' | 'claims';
  readonly version: number;
}

/** A tenant key as it may be stored. `masterKeyId` says who wrapped it, so master keys can be rotated one tenant key at a time. */
export interface WrappedTenantKey {
  readonly masterKeyId: string;
  readonly wrappedKey: Uint8Array;
}

/** Whoever holds the master key: this process (LocalMasterKey) or a key-management service, which never hands it out. */
export abstract class KeyManagement {
  /** Encrypts a tenant key (32 bytes). */
  abstract wrap(name: TenantKeyName, key: Uint8Array): Promise<WrappedTenantKey>;

  /** Decrypts one. Throws UnknownMasterKey when another master key wrapped it, BrokenTenantKey when it was changed. */
  abstract unwrap(name: TenantKeyName, wrapped: WrappedTenantKey): Promise<Uint8Array>;
}

/** The tenant's keys were wrapped by a master key that is not at hand. */
export class UnknownMasterKey extends Error {
  readonly code = 'unknown-master-key';
  constructor({ tenantId, purpose }: TenantKeyName, wrappedBy: string, atHand: string) {
    super(
      `The ${purpose} key of tenant ${tenantId} was wrapped by the master key ${wrappedBy}, but MASTER_KEY is ${atHand}. ` +
        'Start with the MASTER_KEY this database was written with.',
    );
    this.name = 'UnknownMasterKey';
  }
}

/** A stored tenant key is not what was written. */
export class BrokenTenantKey extends Error {
  readonly code = 'broken-tenant-key';
  constructor({ tenantId, purpose, version }: TenantKeyName, options?: ErrorOptions) {
    super(
      `The ${purpose} key (version ${version}) of tenant ${tenantId} does not unwrap: its row was changed.`,
      options,
    );
    this.name = 'BrokenTenantKey';
  }
}
