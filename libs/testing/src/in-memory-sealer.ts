import { Sealer, type NewSubjectKey, type SealedField, type SubjectCipher } from '#event-sourcing';

type Plain = Readonly<Record<string, unknown>>;

/** The sealer's contract without encryption, for tests of what stands on it: blobs are bound to their event, erasure works. */
export class InMemorySealer extends Sealer {
  private readonly subjects = new Set<string>();

  async create(tenantId: string, subjectId: string): Promise<{ cipher: SubjectCipher; key: NewSubjectKey }> {
    this.subjects.add(subject(tenantId, subjectId));
    const key = { tenantId, subjectId, wrappedKey: new Uint8Array(), tenantKeyVersion: 1 };
    return { cipher: cipher(tenantId, subjectId), key };
  }

  async subject(tenantId: string, subjectId: string): Promise<SubjectCipher | undefined> {
    return this.subjects.has(subject(tenantId, subjectId)) ? cipher(tenantId, subjectId) : undefined;
  }

  async open(fields: readonly SealedField[]): Promise<readonly (Plain | undefined)[]> {
    return fields.map(({ tenantId, subjectId, eventId, sealed }) => {
      if (!this.subjects.has(subject(tenantId, subjectId))) return undefined;
      const [place, plain] = JSON.parse(Buffer.from(sealed, 'base64url').toString()) as [string, Plain];
      if (place === `${subject(tenantId, subjectId)}/${eventId}`) return plain;
      throw new Error(`The sealed data of event ${eventId} of tenant ${tenantId} was moved here.`);
    });
  }

  async claimHash(tenantId: string, kind: string, value: string): Promise<string> {
    return Buffer.from(JSON.stringify([tenantId, kind, value])).toString('hex');
  }

  /** Destroys the subject's key. */
  erase(tenantId: string, subjectId: string): void {
    this.subjects.delete(subject(tenantId, subjectId));
  }
}

const subject = (tenantId: string, subjectId: string): string => `${tenantId}/${subjectId}`;

const cipher = (tenantId: string, subjectId: string): SubjectCipher => ({
  seal: (eventId, plain) =>
    Buffer.from(JSON.stringify([`${subject(tenantId, subjectId)}/${eventId}`, plain])).toString('base64url'),
});
