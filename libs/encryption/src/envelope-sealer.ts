import { createHmac, type KeyObject } from 'node:crypto';
import { Sealer, type NewSubjectKey, type SealedField, type SubjectCipher } from '#event-sourcing';
import { BrokenBox, decrypt, encrypt, lengthPrefixed } from './authenticated-encryption.js';
import type { KeyManagement } from './key-management.js';
import type { KeyStore } from './key-store.js';
import { SubjectKeys, type SubjectKey } from './subject-keys.js';
import { TenantKeys } from './tenant-keys.js';

export interface EnvelopeSealerOptions {
  /** Bounds of the caches of unwrapped keys; about 300 bytes a subject. */
  readonly cachedSubjects: number;
  readonly cachedTenants: number;
  /** An erased subject is unreadable in every process after this time at the latest. */
  readonly keyMaxAgeMs: number;
  readonly monotonicMs: () => number;
}

export const defaultSealerOptions: EnvelopeSealerOptions = {
  cachedSubjects: 50_000,
  cachedTenants: 10_000,
  keyMaxAgeMs: 30_000,
  monotonicMs: () => performance.now(),
};

/** Sealed data is not what was written for this event: it was changed, or moved here from another event, subject or tenant. */
export class BrokenSeal extends Error {
  readonly code = 'broken-seal';
  constructor(
    readonly tenantId: string,
    readonly eventId: string,
    options?: ErrorOptions,
  ) {
    super(`The sealed data of event ${eventId} of tenant ${tenantId} does not open: it was changed or moved.`, options);
    this.name = 'BrokenSeal';
  }
}

type Plain = Readonly<Record<string, unknown>>;

/** Envelope encryption (DESIGN §4): AES-256-GCM with a key per subject, wrapped by a tenant key, wrapped by the master key. */
export class EnvelopeSealer extends Sealer {
  private readonly tenantKeys: TenantKeys;
  private readonly subjectKeys: SubjectKeys;

  constructor(
    private readonly store: KeyStore,
    management: KeyManagement,
    { cachedSubjects, cachedTenants, keyMaxAgeMs, monotonicMs }: EnvelopeSealerOptions = defaultSealerOptions,
  ) {
    super();
    const ageing = { maxAgeMs: keyMaxAgeMs, monotonicMs };
    this.tenantKeys = new TenantKeys(store, management, { ...ageing, capacity: cachedTenants });
    this.subjectKeys = new SubjectKeys(store, this.tenantKeys, { ...ageing, capacity: cachedSubjects });
  }

  async create(tenantId: string, subjectId: string): Promise<{ cipher: SubjectCipher; key: NewSubjectKey }> {
    const { key, wrapped } = await this.subjectKeys.create(tenantId, subjectId);
    return { cipher: cipherOf(tenantId, subjectId, key), key: wrapped };
  }

  async subject(tenantId: string, subjectId: string): Promise<SubjectCipher | undefined> {
    const cached = this.subjectKeys.cached(tenantId, subjectId);
    // What is sealed with a key that was never stored is lost, so one that may not have been is looked up first.
    const found =
      cached?.stored === true ? cached : (await this.subjectKeys.load(tenantId, [subjectId])).get(subjectId);
    return found && cipherOf(tenantId, subjectId, found.key);
  }

  /** Throws BrokenSeal, which names tenant and event and never holds data. */
  async open(fields: readonly SealedField[]): Promise<readonly (Plain | undefined)[]> {
    const cached = fields.map(({ tenantId, subjectId }) => this.subjectKeys.cached(tenantId, subjectId));
    const opened = fields.map((field, index) => openProvisionally(field, cached[index]));
    const again = fields.filter((_, index) => opened[index] === UNDECIDED);
    if (again.length === 0) return opened.map((plain) => (plain === UNDECIDED ? undefined : plain));
    const keys = await this.load(again);
    return fields.map((field, index) => {
      const plain = opened[index];
      if (plain !== UNDECIDED) return plain;
      const subjectKey = keys.get(field.tenantId)?.get(field.subjectId);
      return subjectKey && unseal(field, subjectKey.key);
    });
  }

  async claimHash(tenantId: string, kind: string, value: string): Promise<string> {
    const { key } = await this.tenantKeys.current(tenantId, 'claims');
    return createHmac('sha256', key).update(lengthPrefixed(kind, value)).digest('hex');
  }

  /**
   * Destroys the subject's key; false when it had none. Its data is unreadable at once here, and in every other process within
   * `keyMaxAgeMs`.
   */
  async eraseSubject(tenantId: string, subjectId: string): Promise<boolean> {
    const erased = await this.store.deleteSubjectKey(tenantId, subjectId);
    this.forget(tenantId, subjectId);
    return erased;
  }

  /** Destroys the keys of a tenant: nothing of it can be read any more, and none is made again. Same promise as `eraseSubject`. */
  async eraseTenant(tenantId: string): Promise<void> {
    await this.store.deleteTenant(tenantId);
    this.forget(tenantId, undefined);
  }

  /** Drops cached keys whose rows another process has destroyed: a subject's, or all of a tenant. */
  forget(tenantId: string, subjectId: string | undefined): void {
    if (subjectId !== undefined) return this.subjectKeys.forget(tenantId, subjectId);
    this.tenantKeys.forget(tenantId);
    this.subjectKeys.forgetAll(); // of all tenants: it happens seldom, and the rest is read again
  }

  private async load(fields: readonly SealedField[]): Promise<ReadonlyMap<string, ReadonlyMap<string, SubjectKey>>> {
    const wanted = Map.groupBy(fields, ({ tenantId }) => tenantId);
    return new Map(
      await Promise.all(
        [...wanted].map(async ([tenantId, ofTenant]) => {
          const subjectIds = [...new Set(ofTenant.map(({ subjectId }) => subjectId))];
          return [tenantId, await this.subjectKeys.load(tenantId, subjectIds)] as const;
        }),
      ),
    );
  }
}

const UNDECIDED = Symbol('undecided');

/** Opens with a cached key; UNDECIDED when there is none or it fails: it need not be the one that was stored, so the store is asked. */
const openProvisionally = (field: SealedField, cached: SubjectKey | undefined): Plain | typeof UNDECIDED => {
  if (cached === undefined) return UNDECIDED;
  try {
    const plain = unseal(field, cached.key);
    cached.stored = true; // an event of the log was sealed with it
    return plain;
  } catch {
    return UNDECIDED;
  }
};

const cipherOf = (tenantId: string, subjectId: string, key: KeyObject): SubjectCipher => ({
  seal: (eventId, plain) =>
    encrypt(key, lengthPrefixed(tenantId, subjectId, eventId), JSON.stringify(plain)).toString('base64url'),
});

const unseal = ({ tenantId, subjectId, eventId, sealed }: SealedField, key: KeyObject): Plain => {
  try {
    const box = Buffer.from(sealed, 'base64url');
    return JSON.parse(decrypt(key, lengthPrefixed(tenantId, subjectId, eventId), box).toString('utf8')) as Plain;
  } catch (cause) {
    throw cause instanceof BrokenBox ? new BrokenSeal(tenantId, eventId, { cause }) : cause;
  }
};
