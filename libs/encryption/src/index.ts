export {
  KeyManagement,
  UnknownMasterKey,
  BrokenTenantKey,
  type TenantKeyName,
  type WrappedTenantKey,
} from './key-management.js';
export { LocalMasterKey } from './local-master-key.js';
export { KeyStore, type StoredSubjectKey, type StoredTenantKey } from './key-store.js';
export { InMemoryKeyStore } from './in-memory-key-store.js';
export { BrokenSeal, defaultSealerOptions, EnvelopeSealer, type EnvelopeSealerOptions } from './envelope-sealer.js';
export { BrokenSubjectKey } from './subject-keys.js';
export { PostgresKeyStore } from './postgres-key-store.js';
export { CreateTenantKeys1767225600100 } from './migrations/create-tenant-keys.js';
