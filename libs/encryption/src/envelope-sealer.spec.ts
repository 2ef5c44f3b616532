import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { SealedField } from '#event-sourcing';
import { BrokenSeal, defaultSealerOptions, EnvelopeSealer } from './envelope-sealer.js';
import { InMemoryKeyStore } from './in-memory-key-store.js';
import type { WrappedTenantKey } from './key-management.js';
import { LocalMasterKey } from './local-master-key.js';

const masterKey = randomBytes(32).toString('base64');
const personal = { attributes: { userName: 'bjensen', emails: [{ value: 'bjensen@example.com' }] } };

class CountingKeyStore extends InMemoryKeyStore {
  readonly subjectReads: (readonly string[])[] = [];
  tenantReads = 0;

  override subjectKeys(tenantId: string, subjectIds: readonly string[]) {
    this.subjectReads.push(subjectIds);
    return super.subjectKeys(tenantId, subjectIds);
  }

  override tenantKeys(tenantId: string) {
    this.tenantReads += 1;
    return super.tenantKeys(tenantId);
  }
}

class CountingMasterKey extends LocalMasterKey {
  unwrapped = 0;

  override unwrap(...args: Parameters<LocalMasterKey['unwrap']>): Promise<Uint8Array> {
    this.unwrapped += 1;
    return super.unwrap(...args);
  }
}

let store: CountingKeyStore;
let master: CountingMasterKey;
let clock: number;
let sealer: EnvelopeSealer;

/** Another process on the same database. */
const anotherProcess = () => new EnvelopeSealer(store, master, { ...defaultSealerOptions, monotonicMs: () => clock });

/** One event of a new subject, its key stored as an append would. */
const sealNew = async (tenantId: string, subjectId: string, eventId: string, data: object = personal) => {
  const { cipher, key } = await sealer.create(tenantId, subjectId);
  store.addSubjectKey(key);
  return { tenantId, subjectId, eventId, sealed: cipher.seal(eventId, { ...data }) };
};

beforeEach(() => {
  store = new CountingKeyStore();
  master = new CountingMasterKey(masterKey);
  clock = 0;
  sealer = anotherProcess();
});

describe('sealing', () => {
  it('opens what was sealed, in this process and in another', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    expect(await sealer.open([field])).toEqual([personal]);
    expect(await anotherProcess().open([field])).toEqual([personal]);
    expect(field.sealed).not.toContain('bjensen');
    expect(Buffer.from(field.sealed, 'base64url').toString('latin1')).not.toContain('bjensen');
  });

  it('returns any JSON that went in', async () => {
    const { cipher, key } = await sealer.create('acme', 'u1');
    store.addSubjectKey(key);
    await fc.assert(
      fc.asyncProperty(fc.uuid(), fc.dictionary(fc.string(), fc.jsonValue()), async (eventId, data) => {
        const sealed = cipher.seal(eventId, data);
        const [opened] = await sealer.open([{ tenantId: 'acme', subjectId: 'u1', eventId, sealed }]);
        expect(JSON.stringify(opened)).toBe(JSON.stringify(data));
      }),
    );
  });

  it.each([
    ['event', { eventId: 'e2' }],
    ['subject', { subjectId: 'u2' }],
    ['tenant', { tenantId: 'evil' }],
  ])('a blob moved to another %s does not open there', async (_, moved: Partial<SealedField>) => {
    await sealNew('acme', 'u2', 'other');
    await sealNew('evil', 'u1', 'other');
    const field = { ...(await sealNew('acme', 'u1', 'e1')), ...moved };
    await expect(sealer.open([field])).rejects.toThrow(BrokenSeal);
    await expect(anotherProcess().open([field])).rejects.toThrow(BrokenSeal);
  });

  it('a blob that was changed is refused by an error that names tenant and event and holds no data', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    const box = Buffer.from(field.sealed, 'base64url');
    box[20] = (box[20] ?? 0) ^ 1;
    const error: unknown = await sealer
      .open([{ ...field, sealed: box.toString('base64url') }])
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'broken-seal', tenantId: 'acme', eventId: 'e1' });
    expect(String(error)).toMatch(/event e1 of tenant acme/);
    expect(JSON.stringify(error)).not.toContain('bjensen');
  });

  it('a key moved to another subject does not unwrap', async () => {
    const { key } = await sealer.create('acme', 'u1');
    store.addSubjectKey({ ...key, subjectId: 'u2' });
    await expect(sealer.subject('acme', 'u2')).rejects.toThrow(/subject u2 of tenant acme does not unwrap/);
  });

  it('seals on for a known subject', async () => {
    await sealNew('acme', 'u1', 'e1');
    const sealed = (await anotherProcess().subject('acme', 'u1'))?.seal('e2', { title: 'Tour Guide' });
    expect(await sealer.open([{ tenantId: 'acme', subjectId: 'u1', eventId: 'e2', sealed: sealed ?? '' }])).toEqual([
      { title: 'Tour Guide' },
    ]);
  });

  it('a key whose append failed neither seals nor stands in the way of the one that was stored', async () => {
    const loser = anotherProcess();
    await loser.create('acme', 'u1');
    const field = await sealNew('acme', 'u1', 'e1');
    expect(await loser.open([field])).toEqual([personal]);

    const other = anotherProcess();
    await other.create('acme', 'u1');
    const sealed = (await other.subject('acme', 'u1'))?.seal('e2', personal) ?? '';
    expect(await sealer.open([{ ...field, eventId: 'e2', sealed }])).toEqual([personal]);
  });
});

describe('erasure', () => {
  it('an erased subject has no cipher, and its data opens as undefined beside that of others', async () => {
    const [first, second] = [await sealNew('acme', 'u1', 'e1'), await sealNew('acme', 'u2', 'e2')];
    expect(await sealer.eraseSubject('acme', 'u1')).toBe(true);
    expect(await sealer.open([first, second, first])).toEqual([undefined, personal, undefined]);
    expect(await sealer.subject('acme', 'u1')).toBeUndefined();
    expect(await sealer.eraseSubject('acme', 'u1')).toBe(false);
  });

  it('reaches every other process within the maximum age of a key', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    const other = anotherProcess();
    await other.open([field]);
    await sealer.eraseSubject('acme', 'u1');
    clock = defaultSealerOptions.keyMaxAgeMs - 1;
    expect(await other.open([field])).toEqual([personal]);
    clock = defaultSealerOptions.keyMaxAgeMs;
    expect(await other.open([field])).toEqual([undefined]);
    expect(await other.subject('acme', 'u1')).toBeUndefined();
  });

  it('a process told of it forgets at once', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    const other = anotherProcess();
    await other.open([field]);
    await sealer.eraseSubject('acme', 'u1');
    other.forget('acme', 'u1');
    expect(await other.open([field])).toEqual([undefined]);
  });

  it('a key that was being read while its subject was erased is not kept', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    const other = anotherProcess();
    const reading = other.open([field]);
    await other.eraseSubject('acme', 'u1');
    await reading;
    expect(await other.open([field])).toEqual([undefined]);
  });

  it('off-boarding a tenant takes all of it and nothing of another', async () => {
    const gone = await sealNew('acme', 'u1', 'e1');
    const kept = await sealNew('globex', 'u1', 'e1');
    const before = await sealer.claimHash('globex', 'userName', 'bjensen');
    await sealer.eraseTenant('acme');
    expect(await sealer.open([gone, kept])).toEqual([undefined, personal]);
    expect(await sealer.claimHash('globex', 'userName', 'bjensen')).toBe(before);
  });

  it('rows of subjects that outlive their tenant key, as in a restored backup, open nothing', async () => {
    const { cipher, key } = await sealer.create('acme', 'u1');
    const field = { tenantId: 'acme', subjectId: 'u1', eventId: 'e1', sealed: cipher.seal('e1', personal) };
    await sealer.eraseTenant('acme');
    store.addSubjectKey(key);
    expect(await sealer.open([field])).toEqual([undefined]);
  });
});

describe('claim hashes', () => {
  it('are the same in every process and tell nothing of the value', async () => {
    const hash = await sealer.claimHash('acme', 'userName', 'bjensen');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await anotherProcess().claimHash('acme', 'userName', 'bjensen')).toBe(hash);
  });

  it('differ by tenant, kind and value', async () => {
    const hashes = await Promise.all([
      sealer.claimHash('acme', 'userName', 'bjensen'),
      sealer.claimHash('globex', 'userName', 'bjensen'),
      sealer.claimHash('acme', 'displayName', 'bjensen'),
      sealer.claimHash('acme', 'userNameb', 'jensen'),
    ]);
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('cost', () => {
  it('processes that make the keys of a tenant at once agree on them', async () => {
    const processes = Array.from({ length: 8 }, anotherProcess);
    const hashes = await Promise.all(processes.map((each) => each.claimHash('acme', 'userName', 'bjensen')));
    expect(new Set(hashes).size).toBe(1);
    const made = await Promise.all(processes.map((each, i) => each.create('acme', `u${i}`)));
    for (const { key } of made) store.addSubjectKey(key);
    const fields = made.map(({ cipher }, i) => ({
      tenantId: 'acme',
      subjectId: `u${i}`,
      eventId: 'e1',
      sealed: cipher.seal('e1', { i }),
    }));
    expect(await anotherProcess().open(fields)).toEqual(fields.map((_, i) => ({ i })));
  });

  it('callers at the same time share one read of the tenant keys', async () => {
    await sealNew('acme', 'u1', 'e1');
    const other = anotherProcess();
    store.tenantReads = 0;
    await Promise.all(Array.from({ length: 20 }, (_, i) => other.create('acme', `new${i}`)));
    expect(store.tenantReads).toBe(1);
  });

  it('a page of events reads each key once, in one go, and none a second time', async () => {
    const fields = await Promise.all(
      Array.from({ length: 30 }, (_, i) => sealNew('acme', `u${i % 10}x${i}`, `e${i}`, { i })),
    );
    const other = anotherProcess();
    await other.open([...fields, ...fields]);
    await other.open(fields);
    expect(store.subjectReads).toEqual([fields.map(({ subjectId }) => subjectId)]);
  });

  it('opens what this process has just sealed without reading a key', async () => {
    const field = await sealNew('acme', 'u1', 'e1');
    await sealer.open([field]);
    await sealer.subject('acme', 'u1');
    expect(store.subjectReads).toEqual([]);
  });

  it('tenant keys that grew old are read again, but unwrapped only when their row has changed', async () => {
    await sealer.claimHash('acme', 'userName', 'bjensen');
    const { unwrapped } = master;
    const reads = store.tenantReads;
    clock = defaultSealerOptions.keyMaxAgeMs;
    await sealer.claimHash('acme', 'userName', 'bjensen');
    expect(store.tenantReads).toBe(reads + 1);
    expect(master.unwrapped).toBe(unwrapped);
  });

  it('a failure to read keys fails the callers of that moment only', async () => {
    const failing = new EnvelopeSealer(store, master);
    const real = store.tenantKeys.bind(store);
    store.tenantKeys = () => Promise.reject(new Error('The database is away.'));
    await expect(failing.claimHash('acme', 'userName', 'bjensen')).rejects.toThrow('The database is away.');
    store.tenantKeys = real;
    await expect(failing.claimHash('acme', 'userName', 'bjensen')).resolves.toHaveLength(64);
  });
});

describe('rotation', () => {
  it('new subjects get the newest tenant key and older ones stay readable', async () => {
    const [old, older] = [await sealNew('acme', 'u1', 'e1'), await sealNew('acme', 'u0', 'e0')];
    const unaware = anotherProcess();
    await unaware.open([old]);
    const name = { tenantId: 'acme', purpose: 'data', version: 2 } as const;
    const second: WrappedTenantKey = await master.wrap(name, randomBytes(32));
    await store.addTenantKey({ ...name, ...second });
    const other = anotherProcess();
    const { cipher, key } = await other.create('acme', 'u2');
    store.addSubjectKey(key);
    expect(key.tenantKeyVersion).toBe(2);
    const fresh = { tenantId: 'acme', subjectId: 'u2', eventId: 'e2', sealed: cipher.seal('e2', personal) };
    expect(await unaware.open([older, fresh])).toEqual([personal, personal]);
  });
});
