import type { MigrationClass } from '#postgres';
import { AllowMasterKeyRotation1795297889249 } from './allow-master-key-rotation.js';
import { CreateTenantKeys1767225600100 } from './create-tenant-keys.js';
import { RememberDestroyedKeys1795298660796 } from './remember-destroyed-keys.js';

/** Oldest first. */
export const encryptionMigrations: readonly MigrationClass[] = [
  CreateTenantKeys1767225600100,
  AllowMasterKeyRotation1795297889249,
  RememberDestroyedKeys1795298660796,
];
