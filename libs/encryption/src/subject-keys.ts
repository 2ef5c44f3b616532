import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { NewSubjectKey } from '#event-sourcing';
import { BrokenBox, decrypt, encrypt, lengthPrefixed } from './authenticated-encryption.js';
import { KeyCache, type KeyCacheOptions } from './key-cache.js';
import type { KeyStore, StoredSubjectKey } from './key-store.js';
import type { TenantKeys } from './tenant-keys.js';

export interface SubjectKey {
  readonly key: KeyObject;
  /**
   * The key is known to be the stored one. One that this process has made is not until then: its append may have failed, and another
   * process may have made the subject with a key of its own.
   */
  stored: boolean;
}

/** The stored key of a subject is not what was written. */
export class BrokenSubjectKey extends Error {
  readonly code = 'broken-subject-key';
  constructor(tenantId: string, subjectId: string, options?: ErrorOptions) {
    super(`The key of subject ${subjectId} of tenant ${tenantId} does not unwrap: its row was changed.`, options);
    this.name = 'BrokenSubjectKey';
  }
}

/** Unwrapped subject keys. */
export class SubjectKeys {
  private readonly cache: KeyCache<SubjectKey>;

  constructor(
    private readonly store: KeyStore,
    private readonly tenantKeys: TenantKeys,
    options: KeyCacheOptions,
  ) {
    this.cache = new KeyCache(options);
  }

  /** A new key, at hand from now on and wrapped for the append that stores it. */
  async create(tenantId: string, subjectId: string): Promise<{ key: KeyObject; wrapped: NewSubjectKey }> {
    const tenantKey = await this.tenantKeys.current(tenantId, 'data');
    const bytes = randomBytes(32);
    const wrappedKey = encrypt(tenantKey.key, contextOf(tenantId, subjectId), bytes);
    const key = createSecretKey(bytes);
    this.cache.put(nameOf(tenantId, subjectId), { key, stored: false });
    return { key, wrapped: { tenantId, subjectId, wrappedKey, tenantKeyVersion: tenantKey.version } };
  }

  /** The key if it is at hand. */
  cached(tenantId: string, subjectId: string): SubjectKey | undefined {
    return this.cache.get(nameOf(tenantId, subjectId));
  }

  /** Reads keys from the store, whatever is cached; those destroyed are missing in the answer. */
  async load(tenantId: string, subjectIds: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const ticket = this.cache.ticket();
    const rows = await this.store.subjectKeys(tenantId, subjectIds);
    const tenantKeys = await this.tenantKeys.data(tenantId, new Set(rows.map((row) => row.tenantKeyVersion)));
    const found = new Map<string, SubjectKey>();
    for (const row of rows) {
      const tenantKey = tenantKeys.get(row.tenantKeyVersion);
      if (tenantKey === undefined) continue; // the tenant is off-boarded: nothing of it can be read
      const subjectKey = { key: unwrap(tenantKey, tenantId, row), stored: true };
      this.cache.put(nameOf(tenantId, row.subjectId), subjectKey, ticket);
      found.set(row.subjectId, subjectKey);
    }
    return found;
  }

  forget(tenantId: string, subjectId: string): void {
    this.cache.drop(nameOf(tenantId, subjectId));
  }

  forgetAll(): void {
    this.cache.clear();
  }
}

const unwrap = (tenantKey: KeyObject, tenantId: string, { subjectId, wrappedKey }: StoredSubjectKey): KeyObject => {
  try {
    return createSecretKey(decrypt(tenantKey, contextOf(tenantId, subjectId), wrappedKey));
  } catch (cause) {
    throw cause instanceof BrokenBox ? new BrokenSubjectKey(tenantId, subjectId, { cause }) : cause;
  }
};

const contextOf = (tenantId: string, subjectId: string): Buffer => lengthPrefixed('subject-key', tenantId, subjectId);

/** No tenant id contains a slash. */
const nameOf = (tenantId: string, subjectId: string): string => `${tenantId}/${subjectId}`;
