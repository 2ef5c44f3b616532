export {
  KeyManagement,
  UnknownMasterKey,
  BrokenTenantKey,
  WrongMasterKey,
  demandMasterKeys,
  type TenantKeyName,
  type WrappedTenantKey,
} from './key-management.js';
export { LocalMasterKey } from './local-master-key.js';
export { MasterKeyRing } from './master-key-ring.js';
export {
  MasterKeyRotation,
  tenantKeyTable,
  type MasterKeyUse,
  type RotationProgress,
  type WrappedKeyTable,
} from './master-key-rotation.js';
export { DestroyedKeysWatch } from './destroyed-keys-watch.js';
export { KeyStore, type DestroyedKeys, type StoredSubjectKey, type StoredTenantKey } from './key-store.js';
export { InMemoryKeyStore } from './in-memory-key-store.js';
export { BrokenSeal, defaultSealerOptions, EnvelopeSealer, type EnvelopeSealerOptions } from './envelope-sealer.js';
export { BrokenSubjectKey } from './subject-keys.js';
export { PostgresKeyStore } from './postgres-key-store.js';
export { encryptionMigrations } from './migrations/encryption-migrations.js';
