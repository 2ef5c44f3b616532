import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { BrokenBox, decrypt, encrypt, lengthPrefixed } from './authenticated-encryption.js';
import {
  BrokenTenantKey,
  KeyManagement,
  UnknownMasterKey,
  type TenantKeyName,
  type WrappedTenantKey,
} from './key-management.js';

const KEY_BYTES = 32;

/** MASTER_KEY held by the process itself. */
export class LocalMasterKey extends KeyManagement {
  /** Tells master keys apart without telling anything of them. */
  readonly currentId: string;
  private readonly key: KeyObject;

  /** Takes 32 bytes in base64. Throws a RangeError that does not repeat them when it is anything else. */
  constructor(base64: string) {
    super();
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== base64)
      throw new RangeError(
        `MASTER_KEY must be ${KEY_BYTES} bytes in base64 (44 characters, e.g. from \`openssl rand -base64 32\`).`,
      );
    this.key = createSecretKey(bytes);
    this.currentId = `local:${createHmac('sha256', this.key).update('rollcall master key id').digest('hex').slice(0, 16)}`;
  }

  holds(masterKeyId: string): boolean {
    return masterKeyId === this.currentId;
  }

  async wrap(name: TenantKeyName, key: Uint8Array): Promise<WrappedTenantKey> {
    return { masterKeyId: this.currentId, wrappedKey: encrypt(this.key, contextOf(name), key) };
  }

  async unwrap(name: TenantKeyName, { masterKeyId, wrappedKey }: WrappedTenantKey): Promise<Uint8Array> {
    if (!this.holds(masterKeyId)) throw new UnknownMasterKey(name, masterKeyId, this.currentId);
    try {
      return decrypt(this.key, contextOf(name), wrappedKey);
    } catch (cause) {
      throw cause instanceof BrokenBox ? new BrokenTenantKey(name, { cause }) : cause;
    }
  }
}

const contextOf = ({ tenantId, purpose, version }: TenantKeyName): Buffer =>
  lengthPrefixed('tenant-key', tenantId, purpose, String(version));
