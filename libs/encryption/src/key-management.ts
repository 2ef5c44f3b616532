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
  /** Names the master key that `wrap` uses. */
  abstract readonly currentId: string;

  /** Whether it can unwrap what that master key has wrapped: the current one, and during a rotation older ones. */
  abstract holds(masterKeyId: string): boolean;

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
        'Start with the MASTER_KEY this database was written with, or name it in MASTER_KEY_PREVIOUS as well.',
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

/** Keys in the database were wrapped by master keys that are not at hand: nothing personal under them can be read. */
export class WrongMasterKey extends Error {
  readonly code = 'wrong-master-key';
  constructor(current: string, missing: readonly string[]) {
    super(
      `MASTER_KEY is ${current}, but keys in the database were wrapped by ${missing.join(', ')}. Start with that MASTER_KEY, ` +
        'or name it in MASTER_KEY_PREVIOUS as well.',
    );
    this.name = 'WrongMasterKey';
  }
}

/** Throws WrongMasterKey unless every master key in use, by the ids given, is at hand. */
export const demandMasterKeys = (management: KeyManagement, inUse: readonly string[]): void => {
  const missing = inUse.filter((id) => !management.holds(id));
  if (missing.length > 0) throw new WrongMasterKey(management.currentId, missing);
};
