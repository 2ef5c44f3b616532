import type { NewSubjectKey } from './event-log.js';

/** Encrypts for one subject. */
export interface SubjectCipher {
  /** Returns text safe to store; `eventId` is bound to it, so a blob moved to another event does not open. */
  seal(eventId: string, plain: Readonly<Record<string, unknown>>): string;
}

export interface SealedField {
  readonly tenantId: string;
  readonly subjectId: string;
  readonly eventId: string;
  readonly sealed: string;
}

/** Keys and ciphers of DESIGN §4: a key per subject, wrapped by a tenant key, wrapped by the master key. */
export abstract class Sealer {
  /** A new subject: its cipher, and the wrapped key that must be stored in the same append. */
  abstract create(tenantId: string, subjectId: string): Promise<{ cipher: SubjectCipher; key: NewSubjectKey }>;

  /** The cipher of a known subject; undefined when it was erased. */
  abstract subject(tenantId: string, subjectId: string): Promise<SubjectCipher | undefined>;

  /** Opens many at once, in order; undefined where the subject's key is destroyed. Throws when a blob was tampered with. */
  abstract open(fields: readonly SealedField[]): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]>;

  /** HMAC (hex) of a claimed value under the tenant's claim key, which never rotates. */
  abstract claimHash(tenantId: string, kind: string, value: string): Promise<string>;
}
