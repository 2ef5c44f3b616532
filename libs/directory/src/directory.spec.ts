import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EnvelopeSealer, InMemoryKeyStore, LocalMasterKey } from '#encryption';
import {
  ClaimTaken,
  CommandRunner,
  EventStore,
  InMemoryEventLog,
  type AppendRequest,
  type CommandRequest,
  type EventMetadata,
} from '#event-sourcing';
import { groupSchema, userSchema, type Attributes, type MemberOperation } from '#scim';
import { directoryEvents, membershipEdges } from './directory-events.js';
import type { GroupCommand } from './group/group.js';
import { groupStream } from './group/group-stream.js';
import type { UserCommand } from './user/user.js';
import { userStream } from './user/user-stream.js';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const metadata: EventMetadata = { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn: 'r' };

/** A log that stores subjects' keys in the append that brings them, as adapters do. */
class KeyKeepingLog extends InMemoryEventLog {
  constructor(private readonly keys: InMemoryKeyStore) {
    super();
  }

  override async append(request: AppendRequest) {
    const appended = await super.append(request);
    for (const key of request.subjectKeys ?? []) this.keys.addSubjectKey(key);
    return appended;
  }
}

let keys: InMemoryKeyStore;
let log: KeyKeepingLog;
let lastId: number;

/** One of several processes on the same log and key table. */
const process = () => {
  const sealer = new EnvelopeSealer(keys, new LocalMasterKey(masterKey));
  const store = new EventStore(log, sealer, directoryEvents, () => `e${(lastId += 1)}`, membershipEdges);
  const runner = new CommandRunner(store, sealer, {
    retryForMs: 5000,
    maxBatch: 256,
    cachedStates: 100,
    delay: () => new Promise((resolve) => setImmediate(resolve)),
    random: Math.random,
    now: () => new Date('2026-11-21T12:00:00Z'),
    monotonicMs: () => performance.now(),
  });
  const groups = groupStream(log, log.edges);
  type Ask<Command extends UserCommand | GroupCommand> = Pick<CommandRequest<Command>, 'precondition'> & {
    tenantId?: string;
  };
  return {
    store,
    user: (resourceId: string, command: UserCommand, { tenantId = 'acme', ...ask }: Ask<UserCommand> = {}) =>
      runner.run(userStream, { tenantId, resourceId, command, metadata, ...ask }),
    group: (resourceId: string, command: GroupCommand, { tenantId = 'acme', ...ask }: Ask<GroupCommand> = {}) =>
      runner.run(groups, { tenantId, resourceId, command, metadata, ...ask }),
  };
};
type Process = ReturnType<typeof process>;

const create = (userName: string): UserCommand => ({
  type: 'CreateUser',
  data: { attributes: { userName }, active: true },
});
const rename = (userName: string): UserCommand => ({
  type: 'ReplaceUser',
  data: { attributes: { userName }, active: true, schema: userSchema },
});
const remove: UserCommand = { type: 'DeleteUser', data: {} };
const newGroup: GroupCommand = {
  type: 'CreateGroup',
  data: { attributes: { displayName: 'Guides' }, members: { kind: 'replace', members: [] } },
};
const patchMembers = (...members: MemberOperation[]): GroupCommand => ({
  type: 'PatchGroup',
  data: { operations: [], members, schema: groupSchema },
});
const addMember = (...ids: string[]) => patchMembers({ kind: 'add', members: ids.map((value) => ({ value })) });
const membersOf = async (groupId: string) =>
  (await log.edges.targets('acme', groupId, { limit: 1000 })).targets.map(({ id }) => id);
const typesIn = async (stream: string) => (await log.readStream('acme', stream)).map(({ type }) => type);
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const succeeded = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length;
const reasons = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));

let one: Process;
let other: Process;

beforeEach(() => {
  keys = new InMemoryKeyStore();
  log = new KeyKeepingLog(keys);
  lastId = 0;
  one = process();
  other = process();
});

describe('a userName is held by one user of a tenant', () => {
  beforeEach(() => one.user('u1', create('bjensen')));

  it.each([
    ['as it is', 'bjensen'],
    ['R37 in other case', 'BJensen'],
    ['R16 in full width', 'ｂｊｅｎｓｅｎ'],
  ])('%s', async (_, userName) => {
    await expect(other.user('u2', create(userName))).rejects.toThrow(ClaimTaken);
    expect(await log.readStream('acme', 'user-acme+u2')).toEqual([]);
  });

  it('R16 composed and decomposed letters collide', async () => {
    await one.user('u2', create('zo\u00eb'));
    await expect(other.user('u3', create('zoe\u0308'))).rejects.toThrow(ClaimTaken);
  });

  it('and may be held in another tenant', async () => {
    await other.user('u2', create('bjensen'), { tenantId: 'globex' });
    expect(await log.head('globex')).toBe(2);
  });

  it('a rename to it is refused and leaves both as they were', async () => {
    await other.user('u2', create('babs'));
    const head = await log.head('acme');
    await expect(other.user('u2', rename('bjensen'))).rejects.toThrow(ClaimTaken);
    expect(await log.head('acme')).toBe(head);
    expect((await one.user('u2', rename('babs'))).events).toEqual([]);
  });

  it('a rename frees it', async () => {
    await one.user('u1', rename('babs'));
    await other.user('u2', create('bjensen'));
    await expect(other.user('u3', create('babs'))).rejects.toThrow(ClaimTaken);
    await one.user('u2', remove);
    await one.user('u1', rename('bjensen')); // there and back again
    await other.user('u3', create('babs'));
  });

  it('a rename in case alone keeps it', async () => {
    await one.user('u1', rename('BJensen'));
    await expect(other.user('u2', create('bjensen'))).rejects.toThrow(ClaimTaken);
  });

  it('R102 a deletion frees it at once', async () => {
    await one.user('u1', remove);
    const again = await other.user('u2', create('BJENSEN'));
    expect(again.revision).toBe(0);
    await expect(one.user('u1', rename('bjensen'))).rejects.toMatchObject({ code: 'resource-not-found' });
  });

  it('losing access does not free it', async () => {
    await one.user('u1', {
      type: 'ReplaceUser',
      data: { attributes: { userName: 'bjensen' }, active: false, schema: userSchema },
    });
    await expect(other.user('u2', create('bjensen'))).rejects.toThrow(ClaimTaken);
  });
});

describe('races', () => {
  it('50 concurrent creates of one userName by two processes: one success', async () => {
    const outcomes = await Promise.allSettled(
      range(50).map((i) => (i % 2 ? one : other).user(`u${i}`, create('race'))),
    );
    expect(succeeded(outcomes)).toBe(1);
    for (const reason of reasons(outcomes)) expect(reason).toBeInstanceOf(ClaimTaken);
    const created = (await log.readTenant('acme', 0, 1000)).map(({ type }) => type);
    expect(created.sort()).toEqual(['ClaimTaken', 'UserCreated']);
  });

  it('50 users renamed to one name at once: one success', async () => {
    await Promise.all(range(50).map((i) => one.user(`u${i}`, create(`user${i}`))));
    const outcomes = await Promise.allSettled(
      range(50).map((i) => (i % 2 ? one : other).user(`u${i}`, rename('race'))),
    );
    expect(succeeded(outcomes)).toBe(1);
    for (const reason of reasons(outcomes)) expect(reason).toBeInstanceOf(ClaimTaken);
  });

  it('50 concurrent PATCHes that each add another member: 50 members', async () => {
    await Promise.all([one.group('g', newGroup), ...range(50).map((i) => one.user(`u${i}`, create(`user${i}`)))]);
    await Promise.all(range(50).map((i) => (i % 2 ? one : other).group('g', addMember(`u${i}`))));
    expect(await membersOf('g')).toHaveLength(50);
    expect(await typesIn('group-acme+g')).toHaveLength(51);
  });

  it('20 racing PATCHes with one precondition: one success', async () => {
    await Promise.all([one.group('g', newGroup), ...range(20).map((i) => one.user(`u${i}`, create(`user${i}`)))]);
    const precondition = (revision: number) => {
      if (revision !== 0) throw new Error('precondition failed');
    };
    const outcomes = await Promise.allSettled(
      range(20).map((i) => (i % 2 ? one : other).group('g', addMember(`u${i}`), { precondition })),
    );
    expect(succeeded(outcomes)).toBe(1);
    expect(new Set(reasons(outcomes).map(String))).toEqual(new Set(['Error: precondition failed']));
    expect(await membersOf('g')).toHaveLength(1);
  });

  it('a user deleted while it is added is never left a member', async () => {
    await one.group('g', newGroup);
    for (const i of range(20)) {
      await one.user(`u${i}`, create(`user${i}`));
      await Promise.allSettled([one.user(`u${i}`, remove), other.group('g', addMember(`u${i}`))]);
    }
    expect(await membersOf('g')).toEqual([]);
  });

  it('a member removed and added again by requests that meet is a member at the end', async () => {
    await one.group('g', newGroup);
    await one.user('u1', create('bjensen'));
    await one.group('g', addMember('u1'));
    await Promise.all([
      one.group('g', patchMembers({ kind: 'remove-all' })),
      one.group('g', patchMembers({ kind: 'remove', values: ['u1'] })),
      one.group('g', addMember('u1')),
    ]);
    expect(await membersOf('g')).toEqual(['u1']);
  });
});

describe('members over the log', () => {
  const id = fc.constantFrom('u0', 'u1', 'u2', 'u3');
  const some = fc.array(id, { maxLength: 3 });
  const operation: fc.Arbitrary<MemberOperation> = fc.oneof(
    some.map((ids) => ({ kind: 'add' as const, members: ids.map((value) => ({ value })) })),
    some.map((values) => ({ kind: 'remove' as const, values })),
    some.map((ids) => ({ kind: 'replace' as const, members: ids.map((value) => ({ value })) })),
    fc.constant({ kind: 'remove-all' as const }),
  );
  const meaning = (members: ReadonlySet<string>, op: MemberOperation): ReadonlySet<string> => {
    if (op.kind === 'add') return new Set([...members, ...op.members.map(({ value }) => value)]);
    if (op.kind === 'remove') return new Set([...members].filter((member) => !op.values.includes(member)));
    return new Set(op.kind === 'replace' ? op.members.map(({ value }) => value) : []);
  };

  it('requests that reach one process at once end as they would one after the other', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.array(operation, { maxLength: 3 }), { maxLength: 8 }), async (requests) => {
        keys = new InMemoryKeyStore();
        log = new KeyKeepingLog(keys);
        const lone = process();
        await Promise.all([lone.group('g', newGroup), ...range(4).map((i) => lone.user(`u${i}`, create(`user${i}`)))]);
        await Promise.all(requests.map((operations) => lone.group('g', patchMembers(...operations))));
        const expected = requests.flat().reduce<ReadonlySet<string>>(meaning, new Set());
        expect(await membersOf('g')).toEqual([...expected].sort());
      }),
      { numRuns: 60 },
    ));
});

describe('what stands in the log', () => {
  const secret: Attributes = { userName: 'bjensen', name: { familyName: 'Jensen' }, externalId: 'HR-701984' };

  it('of a person is readable with the key of that person alone', async () => {
    await one.user('u1', { type: 'CreateUser', data: { attributes: secret, active: true } });
    await one.user('u1', rename('babs'));
    await one.group('g', newGroup);
    await one.group('g', addMember('u1'));
    const stored = JSON.stringify(await log.readTenant('acme', 0, 100));
    expect(stored).not.toMatch(/bjensen|Jensen|701984|babs|Guides/i);
    const [first] = await one.store.readTenant('acme', 0, 1);
    expect(first?.event).toEqual({ type: 'UserCreated', data: { attributes: secret, active: true } });
  });

  it('of an erased person is that it was there, when, and which attributes changed', async () => {
    await one.user('u1', { type: 'CreateUser', data: { attributes: secret, active: true } });
    await one.user('u1', rename('babs'));
    await keys.deleteSubjectKey('acme', 'u1');
    const recorded = await process().store.readTenant('acme', 0, 100);
    expect(recorded.filter(({ erased }) => erased).map(({ event }) => event)).toEqual([
      { type: 'UserCreated', data: { attributes: {}, active: true } },
      { type: 'UserAttributesChanged', data: { changed: {}, paths: expect.arrayContaining(['userName']) } },
    ]);
  });
});
