import type { NewSubjectKey } from '#event-sourcing';
import { KeyStore, type DestroyedKeys, type StoredSubjectKey, type StoredTenantKey } from './key-store.js';

/** The key store's contract in memory, for tests of what stands on it. */
export class InMemoryKeyStore extends KeyStore {
  private readonly tenants = new Map<string, Map<string, StoredTenantKey>>();
  private readonly destroyed: DestroyedKeys[] = [];
  private readonly subjects = new Map<string, Map<string, StoredSubjectKey>>();

  /** What the event log's adapter does in an append. */
  addSubjectKey({ tenantId, ...key }: NewSubjectKey): void {
    const subjects = this.subjects.get(tenantId) ?? new Map<string, StoredSubjectKey>();
    this.subjects.set(tenantId, subjects.set(key.subjectId, key));
  }

  async tenantKeys(tenantId: string): Promise<readonly StoredTenantKey[]> {
    return [...(this.tenants.get(tenantId)?.values() ?? [])];
  }

  async addTenantKey(key: StoredTenantKey): Promise<void> {
    if (this.destroyed.some((one) => one.tenantId === key.tenantId && one.subjectId === undefined)) return;
    const keys = this.tenants.get(key.tenantId) ?? new Map<string, StoredTenantKey>();
    this.tenants.set(key.tenantId, keys);
    const name = `${key.purpose}/${key.version}`;
    if (!keys.has(name)) keys.set(name, key);
  }

  async subjectKeys(tenantId: string, subjectIds: readonly string[]): Promise<readonly StoredSubjectKey[]> {
    return subjectIds.flatMap((id) => this.subjects.get(tenantId)?.get(id) ?? []);
  }

  async deleteSubjectKey(tenantId: string, subjectId: string): Promise<boolean> {
    this.destroyed.push({ tenantId, subjectId });
    return this.subjects.get(tenantId)?.delete(subjectId) ?? false;
  }

  async deleteTenant(tenantId: string): Promise<void> {
    this.tenants.delete(tenantId);
    this.destroyed.push({ tenantId, subjectId: undefined });
  }

  async recentlyDestroyed(): Promise<readonly DestroyedKeys[]> {
    return this.destroyed;
  }
}
