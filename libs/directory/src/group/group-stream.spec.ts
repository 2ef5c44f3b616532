import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InMemoryEventLog, type EdgeTarget, type EventMetadata, type Message } from '#event-sourcing';
import { groupSchema, type MemberOperation } from '#scim';
import { membershipEdges } from '../directory-events.js';
import type { GroupCommand, GroupEvent } from './group.js';
import { groupStream } from './group-stream.js';

const metadata: EventMetadata = { actor: { kind: 'token', id: 't' }, requestId: 'r', correlationId: 'r', txn: 'r' };
const inputs = (ids: readonly string[]) => ids.map((value) => ({ value }));
const patch = (...members: MemberOperation[]): GroupCommand => ({
  type: 'PatchGroup',
  data: { operations: [], members, schema: groupSchema },
});
const add = (...ids: string[]): MemberOperation => ({ kind: 'add', members: inputs(ids) });
const drop = (...values: string[]): MemberOperation => ({ kind: 'remove', values });
const put = (...ids: string[]): GroupCommand => ({
  type: 'ReplaceGroup',
  data: { attributes: {}, members: { kind: 'replace', members: inputs(ids) }, schema: groupSchema },
});

let log: InMemoryEventLog;
let sequence = 0;

/** Writes events as the store would, the edges with them. */
const write = (tenantId: string, kind: 'user' | 'group', id: string, closes: boolean, ...events: Message[]) =>
  log.append({
    streams: [
      {
        tenantId,
        streamName: `${kind}-${tenantId}+${id}`,
        expected: 'any',
        closes,
        events: events.map((event) => {
          const edges = membershipEdges(event, id);
          return {
            id: `e${(sequence += 1)}`,
            type: event.type,
            schemaVersion: 1,
            data: {},
            metadata,
            time: new Date(0),
            ...(edges === undefined ? {} : { edges }),
          };
        }),
      },
    ],
  });

const created = (tenantId: string, kind: 'user' | 'group', id: string) =>
  write(tenantId, kind, id, false, { type: kind === 'user' ? 'UserCreated' : 'GroupCreated', data: {} });
const joined = (tenantId: string, groupId: string, ...members: EdgeTarget[]) =>
  write(tenantId, 'group', groupId, false, {
    type: 'GroupMembersAdded',
    data: { members: members.map(({ id, kind }) => ({ value: id, type: kind })) },
  });
const load = (...commands: GroupCommand[]) => groupStream(log, log.edges).facts.load('acme', 'g', commands);

beforeEach(async () => {
  log = new InMemoryEventLog();
  for (const id of ['u1', 'u2', 'u3']) await created('acme', 'user', id);
  await created('acme', 'group', 'inner');
  await created('acme', 'group', 'g');
  await created('globex', 'user', 'spy');
  await joined('acme', 'g', { id: 'u1', kind: 'User' }, { id: 'u2', kind: 'User' });
});

describe('what a decision on members is told', () => {
  it('of all the members, those that the command names', async () => {
    const { members, complete } = await load(patch(add('u1', 'u3'), drop('u9')));
    expect({ members, complete }).toEqual({ members: new Set(['u1']), complete: false });
  });

  it('all of them when the command speaks of all', async () => {
    for (const command of [put('u3'), patch({ kind: 'remove-all' }), patch({ kind: 'replace', members: [] })])
      expect(await load(command)).toMatchObject({ members: new Set(['u1', 'u2']), complete: true });
  });

  it('users and groups that exist, and which of the two they are', async () => {
    const { existing } = await load(patch(add('u3', 'inner', 'nobody')));
    expect(existing).toEqual(
      new Map([
        ['u3', 'User'],
        ['inner', 'Group'],
      ]),
    );
  });

  it('a deleted user exists no more, and is a member no more', async () => {
    await write('acme', 'user', 'u1', true, { type: 'UserDeleted', data: {} });
    expect(await load(patch(add('u1')))).toMatchObject({ members: new Set(), existing: new Map() });
  });

  it('users of another tenant do not exist', async () => {
    const { existing } = await load(patch(add('spy')));
    expect(existing).toEqual(new Map());
  });

  it('nothing is asked when no member is spoken of', async () => {
    const silent = { among: jest.fn<never>(), targets: jest.fn<never>(), positions: jest.fn<never>() };
    const { facts } = groupStream(silent, silent);
    expect(await facts.load('acme', 'g', [patch(), { type: 'DeleteGroup', data: {} }])).toMatchObject({
      members: new Set(),
      complete: false,
    });
    for (const asked of Object.values(silent)) expect(asked).not.toHaveBeenCalled();
  });

  it('the log is not asked about those who are members already: a PUT may repeat 100,000', async () => {
    const positions = jest.spyOn(log, 'positions');
    await load(put('u1', 'u2'));
    expect(positions).not.toHaveBeenCalled();
    await load(put('u1', 'u2', 'u3'));
    expect(positions).toHaveBeenCalledWith('acme', ['user-acme+u3', 'group-acme+u3']);
  });

  it('more members than one page of the index holds', async () => {
    const many = Array.from({ length: 10_001 }, (_, i) => ({ id: `m${i}`, kind: 'User' as const }));
    await joined('acme', 'g', ...many);
    const { members } = await load(patch({ kind: 'remove-all' }));
    expect(members.size).toBe(10_003);
  });
});

describe('commands decided together', () => {
  const decideAll = async (...commands: GroupCommand[]): Promise<readonly GroupEvent[]> => {
    const { decider, facts } = groupStream(log, log.edges);
    let known = await facts.load('acme', 'g', commands);
    let state = decider.evolve(decider.initialState(), { type: 'GroupCreated', data: { attributes: {} } });
    return commands.flatMap((command) => {
      const events = decider.decide(command, state, known);
      for (const event of events) {
        state = decider.evolve(state, event);
        known = facts.follow(known, event);
      }
      return events;
    });
  };

  it('see what the ones before them did', async () =>
    expect(await decideAll(patch(add('u3')), patch(add('u3')), patch(drop('u3', 'u1')), patch(drop('u1')))).toEqual([
      { type: 'GroupMembersAdded', data: { members: [{ value: 'u3', type: 'User' }] } },
      { type: 'GroupMembersRemoved', data: { members: ['u1', 'u3'].reverse() } },
    ]));

  it.each([
    ['one by one', patch(drop('u1'))],
    ['with all others', patch({ kind: 'remove-all' })],
    ['by a PUT without it', put('u2')],
  ])('a member removed %s can be added again by the next', async (_, removal) => {
    const events = await decideAll(removal, patch(add('u1')));
    expect(events.at(-1)).toEqual({ type: 'GroupMembersAdded', data: { members: [{ value: 'u1', type: 'User' }] } });
  });
});

describe('what must still hold when the events are appended', () => {
  const { facts, isClosed, claims } = groupStream(new InMemoryEventLog(), new InMemoryEventLog().edges);

  it('those added exist, each in its own stream', () =>
    expect(
      facts.guards('acme', [
        { type: 'GroupCreated', data: { attributes: {} } },
        {
          type: 'GroupMembersAdded',
          data: {
            members: [
              { value: 'u1', type: 'User' },
              { value: 'inner', type: 'Group' },
            ],
          },
        },
        { type: 'GroupMembersRemoved', data: { members: ['u2'] } },
      ]),
    ).toEqual([
      { tenantId: 'acme', streamName: 'user-acme+u1' },
      { tenantId: 'acme', streamName: 'group-acme+inner' },
    ]));

  it('a group claims no name, and is closed once deleted', () => {
    expect(claims({ status: 'present', attributes: { displayName: 'x' } })).toEqual([]);
    expect(isClosed({ status: 'present', attributes: {} })).toBe(false);
    expect(isClosed({ status: 'deleted' })).toBe(true);
  });
});
