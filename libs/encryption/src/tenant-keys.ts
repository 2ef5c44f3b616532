import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { KeyCache, type KeyCacheOptions } from './key-cache.js';
import type { KeyManagement, TenantKeyName } from './key-management.js';
import type { KeyStore, StoredTenantKey } from './key-store.js';

export interface TenantKey {
  readonly version: number;
  readonly key: KeyObject;
}

interface UnwrappedKey extends TenantKey {
  readonly stored: StoredTenantKey;
}

/** Unwrapped tenant keys, made at first use. Two processes that make one at once agree: the first row stays and both read it. */
export class TenantKeys {
  private readonly cache: KeyCache<readonly UnwrappedKey[]>;
  private readonly underWay = new Map<string, Promise<readonly UnwrappedKey[]>>();

  constructor(
    private readonly store: KeyStore,
    private readonly management: KeyManagement,
    options: KeyCacheOptions,
  ) {
    this.cache = new KeyCache(options);
  }

  /** The newest key of that purpose. */
  async current(tenantId: string, purpose: TenantKeyName['purpose']): Promise<TenantKey> {
    const known = newest(this.cache.get(tenantId) ?? (await this.load(tenantId)), purpose);
    if (known !== undefined) return known;
    const made = newest(await this.once(`${purpose} ${tenantId}`, () => this.make(tenantId, purpose)), purpose);
    if (made === undefined)
      throw new Error(`The ${purpose} key of tenant ${tenantId} was destroyed while it was made.`);
    return made;
  }

  /** The data keys of those versions; missing in the answer when destroyed. Never makes one. */
  async data(tenantId: string, versions: ReadonlySet<number>): Promise<ReadonlyMap<number, KeyObject>> {
    const pick = (keys: readonly UnwrappedKey[]) =>
      new Map(
        keys.flatMap(({ stored, version, key }) =>
          stored.purpose === 'data' && versions.has(version) ? [[version, key]] : [],
        ),
      );
    const cached = pick(this.cache.get(tenantId) ?? []);
    // A version the cache does not know is one that another process made a moment ago.
    return cached.size === versions.size ? cached : pick(await this.load(tenantId));
  }

  forget(tenantId: string): void {
    this.cache.drop(tenantId);
  }

  private load(tenantId: string): Promise<readonly UnwrappedKey[]> {
    return this.once(`all ${tenantId}`, () => this.read(tenantId));
  }

  private async make(tenantId: string, purpose: TenantKeyName['purpose']): Promise<readonly UnwrappedKey[]> {
    const name = { tenantId, purpose, version: 1 };
    await this.store.addTenantKey({ ...name, ...(await this.management.wrap(name, randomBytes(32))) });
    return this.read(tenantId);
  }

  private async read(tenantId: string): Promise<readonly UnwrappedKey[]> {
    const ticket = this.cache.ticket();
    const before = this.cache.getStale(tenantId) ?? [];
    const stored = await this.store.tenantKeys(tenantId);
    const keys = await Promise.all(
      // A key whose row is unchanged is not unwrapped again: a key-management service charges for every call.
      stored.map(async (row) => before.find((known) => isSameRow(known.stored, row)) ?? (await this.unwrap(row))),
    );
    this.cache.put(tenantId, keys, ticket);
    return keys;
  }

  private async unwrap(stored: StoredTenantKey): Promise<UnwrappedKey> {
    const key = createSecretKey(await this.management.unwrap(stored, stored));
    return { version: stored.version, key, stored };
  }

  /** Callers at the same time share one piece of work. */
  private once(work: string, start: () => Promise<readonly UnwrappedKey[]>): Promise<readonly UnwrappedKey[]> {
    const running = this.underWay.get(work);
    if (running !== undefined) return running;
    const started = start().finally(() => this.underWay.delete(work));
    this.underWay.set(work, started);
    return started;
  }
}

const newest = (keys: readonly UnwrappedKey[], purpose: TenantKeyName['purpose']): TenantKey | undefined => {
  const versions = keys.filter(({ stored }) => stored.purpose === purpose);
  return versions.reduce<UnwrappedKey | undefined>(
    (a, b) => (a !== undefined && a.version > b.version ? a : b),
    undefined,
  );
};

const isSameRow = (a: StoredTenantKey, b: StoredTenantKey): boolean =>
  a.purpose === b.purpose && a.version === b.version && Buffer.compare(a.wrappedKey, b.wrappedKey) === 0;
