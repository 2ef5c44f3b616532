import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  EventStore,
  InMemoryEventLog,
  InMemorySnapshotStore,
  StreamFolder,
  streamName,
  type EventMetadata,
  type Message,
} from '#event-sourcing';
import { InMemorySealer } from '#testing';
import { directoryEvents, membershipEdges } from '../directory-events.js';
import { ResourceHistory } from './resource-history.js';

const metadata: EventMetadata = { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn: 'x' };
const minute = (n: number): Date => new Date(Date.UTC(2026, 10, 21, 12, n));

let log: InMemoryEventLog;
let sealer: InMemorySealer;
let store: EventStore;
let folder: StreamFolder;
let history: ResourceHistory;
let forgotten: string[];

beforeEach(() => {
  log = new InMemoryEventLog();
  sealer = new InMemorySealer();
  let lastId = 0;
  const catalogue = { ...directoryEvents, UserMerged: { schemaVersion: 1, sealed: {} } };
  store = new EventStore(log, sealer, catalogue, () => `e${(lastId += 1)}`, membershipEdges);
  forgotten = [];
  folder = new StreamFolder(store, sealer, { snapshots: new InMemorySnapshotStore(), everyEvents: 2 });
  const states: ConstructorParameters<typeof ResourceHistory>[3] = { read: (...args) => folder.fold(...args) };
  history = new ResourceHistory(store, log.edges, { forget: (_, id) => forgotten.push(id) }, states);
});

/** Appends one event a minute, from minute 0 on. */
const happened = async (kind: 'user' | 'group', id: string, ...events: readonly Message[]) => {
  const name = streamName(kind, 'acme', id);
  for (const event of events) {
    const revision = (await log.positions('acme', [name])).get(name)?.revision;
    await store.append({
      streams: [
        { tenantId: 'acme', streamName: name, expected: revision ?? 'no-stream', events: [{ event, metadata }] },
      ],
      time: minute((revision ?? -1) + 1),
    });
  }
};

const attributes = { userName: 'bjensen', name: { givenName: 'Barbara', familyName: 'Jensen' } };
const changed = { 'name.givenName': 'Babs', title: 'Boss' };
const userEvents: readonly Message[] = [
  { type: 'UserCreated', data: { attributes, active: true } },
  { type: 'UserAttributesChanged', data: { changed, paths: Object.keys(changed) } },
  { type: 'UserDeactivated', data: {} },
];
const deleted: Message = { type: 'UserDeleted', data: {} };
const erased: Message = { type: 'UserErased', data: {} };

const changesOf = async (id: string) =>
  (await history.page('acme', id, { limit: 100 })).entries.map(({ changes }) => changes);

describe('the history of a user', () => {
  beforeEach(() => happened('user', 'u1', ...userEvents));

  it('tells each change with the values before and after', async () =>
    expect(await changesOf('u1')).toEqual([
      [
        { path: 'userName', before: null, after: 'bjensen' },
        { path: 'name.givenName', before: null, after: 'Barbara' },
        { path: 'name.familyName', before: null, after: 'Jensen' },
        { path: 'active', before: null, after: true },
      ],
      [
        { path: 'name.givenName', before: 'Barbara', after: 'Babs' },
        { path: 'title', before: null, after: 'Boss' },
      ],
      [{ path: 'active', before: true, after: false }],
    ]));

  it('names the event, its time and its request', async () => {
    const { entries } = await history.page('acme', 'u1', { limit: 1 });
    expect(entries[0]).toMatchObject({
      eventId: 'e1',
      sequence: 1,
      revision: 0,
      time: minute(0),
      type: 'UserCreated',
      metadata,
      paths: ['userName', 'name.givenName', 'name.familyName', 'active'],
      erased: false,
    });
  });

  it('comes in pages that say together what the whole says', async () => {
    const entries = [];
    let after: number | undefined;
    do {
      const page = await history.page('acme', 'u1', { limit: 2, after });
      entries.push(...page.entries);
      after = page.next;
    } while (after !== undefined);
    expect(entries).toEqual((await history.page('acme', 'u1', { limit: 100 })).entries);
  });

  it('goes past an event of a newer release', async () => {
    await happened('user', 'u1', { type: 'UserMerged', data: {} }, { type: 'UserReactivated', data: {} });
    expect((await changesOf('u1')).slice(3)).toEqual([[], [{ path: 'active', before: false, after: true }]]);
  });

  it('is nobody else’s', async () => {
    await expect(history.page('globex', 'u1', { limit: 1 })).rejects.toMatchObject({ code: 'resource-not-found' });
    await expect(history.page('acme', 'u2', { limit: 1 })).rejects.toMatchObject({ code: 'resource-not-found' });
  });
});

describe('the history of an erased user', () => {
  beforeEach(() => happened('user', 'u1', ...userEvents, deleted, erased));

  it('tells what happened, and no value', async () => {
    sealer.erase('acme', 'u1');
    const { entries } = await history.page('acme', 'u1', { limit: 100 });
    expect(entries.map(({ type, paths, erased: gone }) => [type, paths, gone])).toEqual([
      ['UserCreated', [], true],
      ['UserAttributesChanged', ['name.givenName', 'title'], true],
      ['UserDeactivated', ['active'], false],
      ['UserDeleted', [], false],
      ['UserErased', [], false],
    ]);
    expect(JSON.stringify(entries)).not.toMatch(/Barbara|Babs|Jensen|bjensen|Boss/);
  });

  it('does so from the record on, before the key is gone', async () => {
    expect(JSON.stringify(await history.page('acme', 'u1', { limit: 100 }))).not.toMatch(/Barbara|Babs|Jensen|Boss/);
    await expect(history.at('acme', 'u1', minute(1))).rejects.toMatchObject({ code: 'resource-erased' });
  });

  it('lets go of a key that another process has destroyed', async () => {
    await history.page('acme', 'u1', { limit: 1 });
    expect(forgotten).toEqual(['u1']);
  });

  it('cannot say how it was', async () => {
    sealer.erase('acme', 'u1');
    await expect(history.at('acme', 'u1')).rejects.toMatchObject({ code: 'resource-erased' });
  });
});

it('of an off-boarded tenant, whose keys are gone, nobody can say how a user was', async () => {
  await happened('user', 'u1', ...userEvents);
  sealer.erase('acme', 'u1');
  await expect(history.at('acme', 'u1')).rejects.toMatchObject({ code: 'resource-erased' });
});

describe('a user as it was', () => {
  beforeEach(() => happened('user', 'u1', ...userEvents, deleted));

  it.each([
    ['when it was created', minute(0), { attributes, active: true, revision: 0 }],
    [
      'a moment before the second change',
      new Date(minute(2).getTime() - 1),
      { attributes: { ...attributes, name: { givenName: 'Babs', familyName: 'Jensen' }, title: 'Boss' }, active: true },
    ],
    ['when it had lost access', minute(2), { active: false, revision: 2, createdAt: minute(0), changedAt: minute(2) }],
  ])('%s', async (_, time, expected) => expect(await history.at('acme', 'u1', time)).toMatchObject(expected));

  it.each([
    ['before it was created', new Date(minute(0).getTime() - 1)],
    ['after it was deleted', minute(3)],
    ['now', undefined],
  ])('is nothing %s', async (_, time) =>
    expect(history.at('acme', 'u1', time)).rejects.toMatchObject({ code: 'resource-not-found' }),
  );
});

describe('a group as it was', () => {
  const member = (value: string) => ({ value, type: 'User' });
  beforeEach(() =>
    happened(
      'group',
      'g1',
      { type: 'GroupCreated', data: { attributes: { displayName: 'Tour' } } },
      { type: 'GroupMembersAdded', data: { members: ['a', 'b', 'c'].map(member) } },
      { type: 'GroupMembersRemoved', data: { members: ['b'] } },
      { type: 'GroupAttributesChanged', data: { changed: { displayName: 'Guides' }, paths: ['displayName'] } },
    ),
  );

  it.each([
    [0, []],
    [1, ['a', 'b', 'c']],
    [2, ['a', 'c']],
  ])('at minute %i had the members %j', async (n, expected) => {
    const { attributes: then, sequence } = await history.at('acme', 'g1', minute(n));
    const { members } = await history.members('acme', 'g1', { limit: 10, time: minute(n) });
    expect([then, members.map(({ id }) => id)]).toEqual([{ displayName: 'Tour' }, expected]);
    const from = { sequence, after: '' };
    expect(await history.members('acme', 'g1', { limit: 10, from })).toEqual({ members, next: undefined });
  });

  it('has its members in pages, all of the moment of the first', async () => {
    const { members, next } = await history.members('acme', 'g1', { limit: 2, time: minute(1) });
    expect(members.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(await history.members('acme', 'g1', { limit: 2, from: next })).toEqual({
      members: [{ id: 'c', kind: 'User' }],
      next: undefined,
    });
  });

  it('has its members of now without a time', async () =>
    expect((await history.members('acme', 'g1', { limit: 9 })).members.map(({ id }) => id)).toEqual(['a', 'c']));

  it('costs a few events to look up, however many it has been through', async () => {
    const changes = Array.from({ length: 2000 }, (_, n) => ({
      type: n % 2 === 0 ? 'GroupMembersRemoved' : 'GroupMembersAdded',
      data: { members: n % 2 === 0 ? ['a'] : [member('a')] },
    }));
    await happened('group', 'g1', ...changes);
    const read = jest.spyOn(log, 'readStream');
    const { members } = await history.members('acme', 'g1', { limit: 9, time: minute(1004) });
    expect(members.map(({ id }) => id)).toEqual(['c']);
    const events = (await Promise.all(read.mock.results.map(({ value }) => value))).flat();
    expect(events.length).toBeLessThan(20);
  });

  it.each([
    ['before it was made', new Date(minute(0).getTime() - 1)],
    ['after it was deleted', minute(4)],
    ['now that it is deleted', undefined],
  ])('has no members %s', async (_, time) => {
    await happened('group', 'g1', { type: 'GroupDeleted', data: {} });
    await expect(history.members('acme', 'g1', { limit: 9, time })).rejects.toMatchObject({
      code: 'resource-not-found',
    });
    expect((await history.members('acme', 'g1', { limit: 9, time: minute(3) })).members).toHaveLength(2);
  });

  it('has a history of who came and went', async () => {
    const { entries } = await history.page('acme', 'g1', { limit: 10 });
    expect(entries.map(({ paths, added, removed }) => [paths, added, removed])).toEqual([
      [['displayName'], [], []],
      [['members'], ['a', 'b', 'c'].map(member), []],
      [['members'], [], ['b']],
      [['displayName'], [], []],
    ]);
  });
});
