import { KeyManagement, UnknownMasterKey, type TenantKeyName, type WrappedTenantKey } from './key-management.js';

/** One master key that wraps, and others that still open what they have wrapped: how a master key is rotated while services run. */
export class MasterKeyRing extends KeyManagement {
  readonly currentId: string;
  private readonly byId: ReadonlyMap<string, KeyManagement>;

  constructor(
    private readonly current: KeyManagement,
    others: readonly KeyManagement[],
  ) {
    super();
    this.currentId = current.currentId;
    this.byId = new Map([...others, current].map((key) => [key.currentId, key]));
  }

  holds(masterKeyId: string): boolean {
    return this.byId.has(masterKeyId);
  }

  wrap(name: TenantKeyName, key: Uint8Array): Promise<WrappedTenantKey> {
    return this.current.wrap(name, key);
  }

  async unwrap(name: TenantKeyName, wrapped: WrappedTenantKey): Promise<Uint8Array> {
    const holder = this.byId.get(wrapped.masterKeyId);
    if (holder === undefined) throw new UnknownMasterKey(name, wrapped.masterKeyId, this.currentId);
    return holder.unwrap(name, wrapped);
  }
}
