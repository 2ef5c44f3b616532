import type { TenantKeyName, WrappedTenantKey } from './key-management.js';

export interface StoredTenantKey extends TenantKeyName, WrappedTenantKey {}

/** A row of `subject_keys`, which the event log's adapter writes in the append that first needs it. */
export interface StoredSubjectKey {
  readonly subjectId: string;
  readonly wrappedKey: Uint8Array;
  readonly tenantKeyVersion: number;
}

/** Whose keys were destroyed: one subject's, or a whole tenant's. */
export interface DestroyedKeys {
  readonly tenantId: string;
  readonly subjectId: string | undefined;
}

/** Where wrapped keys live; never in log, snapshots or exports. */
export abstract class KeyStore {
  /** All keys of the tenant, of every purpose and version. */
  abstract tenantKeys(tenantId: string): Promise<readonly StoredTenantKey[]>;

  /** Stores a key unless there is one of that name, or the tenant's were destroyed: the first writer's stays, so read again. */
  abstract addTenantKey(key: StoredTenantKey): Promise<void>;

  /** The keys of those subjects that have one, in any order; work in the number asked for. */
  abstract subjectKeys(tenantId: string, subjectIds: readonly string[]): Promise<readonly StoredSubjectKey[]>;

  /** Destroys the subject's key for good; false when it had none. */
  abstract deleteSubjectKey(tenantId: string, subjectId: string): Promise<boolean>;

  /** Destroys the tenant's keys for good; those of its subjects are worth nothing without them. */
  abstract deleteTenant(tenantId: string): Promise<void>;

  /** What was destroyed within the last minute, by any process. */
  abstract recentlyDestroyed(): Promise<readonly DestroyedKeys[]>;
}
