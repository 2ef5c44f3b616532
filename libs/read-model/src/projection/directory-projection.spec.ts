import { describe, expect, it } from '@jest/globals';
import type { DirectoryEvent } from '#directory';
import { streamName, type Message, type Recorded } from '#event-sourcing';
import { DirectoryBatch } from './directory-batch.js';
import { applyEvent } from './directory-projection.js';
import { ProjectionFault } from './projection-fault.js';
import { rowsOfBatch } from './rows-of-batch.js';

let sequence = 0;
const recorded = (
  kind: 'user' | 'group' | 'control',
  id: string,
  revision: number,
  event: DirectoryEvent | Message,
  rest: Partial<Recorded> = {},
): Recorded => ({
  tenantId: 't',
  sequence: (sequence += 1),
  streamName: streamName(kind, 't', id),
  resourceId: id,
  revision,
  eventId: `e${sequence}`,
  schemaVersion: 1,
  event,
  metadata: { actor: { kind: 'system', id: 's' }, requestId: '', correlationId: '', txn: '' },
  time: new Date(1_700_000_000_000 + sequence),
  erased: false,
  ...rest,
});

const applied = (...events: readonly Recorded[]) => {
  const batch = new DirectoryBatch();
  for (const event of events) applyEvent(event, batch);
  return rowsOfBatch(batch, []);
};

const created = (userName: string) => ({ type: 'UserCreated', data: { attributes: { userName }, active: true } });
const added = (...ids: readonly string[]) => ({
  type: 'GroupMembersAdded',
  data: { members: ids.map((value) => ({ value, type: 'User' })) },
});
const removed = (...members: readonly string[]) => ({ type: 'GroupMembersRemoved', data: { members } });
const group = { type: 'GroupCreated', data: { attributes: { displayName: 'G' } } };

const codeOf = (attempt: () => unknown): string | undefined => {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return error instanceof ProjectionFault ? error.code : String(error);
  }
};

describe('a batch of events', () => {
  it('comes to one row a resource, however many events it had', () => {
    const rows = applied(
      recorded('user', 'u', 0, created('a')),
      recorded('user', 'u', 1, { type: 'UserDeactivated', data: {} }),
      recorded('user', 'u', 2, {
        type: 'UserAttributesChanged',
        data: { changed: { displayName: 'Ä' }, paths: ['displayName'] },
      }),
    );
    expect(rows.users.map((json) => JSON.parse(json) as unknown)).toMatchObject([
      {
        id: 'u',
        revision: 2,
        active: false,
        user_name: 'a',
        display_name: 'ä',
        attributes: { userName: 'a', displayName: 'Ä' },
      },
    ]);
    expect(rows.usersDifference).toBe(1);
  });

  it('has the last word on each membership', () => {
    const { memberships } = applied(
      recorded('group', 'g', 0, group),
      recorded('group', 'g', 1, added('a', 'b')),
      recorded('group', 'g', 2, removed('a')),
      recorded('group', 'g', 3, removed('c')),
      recorded('group', 'g', 4, added('c')),
    );
    expect(memberships.added).toEqual({ groupIds: ['g', 'g'], memberIds: ['b', 'c'], memberTypes: ['User', 'User'] });
    expect(memberships.removed).toEqual({ groupIds: ['g'], memberIds: ['a'] });
  });

  it('R103 lets a deleted user leave every group, whatever the batch did before', () => {
    const { memberships, goneUsers } = applied(
      recorded('user', 'u', 0, created('a')),
      recorded('group', 'g', 0, group),
      recorded('group', 'g', 1, added('u')),
      recorded('user', 'u', 1, { type: 'UserDeleted', data: {} }),
      recorded('group', 'g', 2, removed('u')),
    );
    expect(memberships).toMatchObject({ added: { memberIds: [] }, removed: { memberIds: [] }, goneMembers: ['u'] });
    expect(goneUsers).toEqual(['u']);
  });

  it('a deleted group leaves its members to the sweeper: no row for each of them', () => {
    const rows = applied(
      recorded('group', 'g', 0, group),
      recorded('group', 'g', 1, added('u')),
      recorded('group', 'g', 2, { type: 'GroupDeleted', data: {} }),
    );
    expect(rows).toMatchObject({
      groups: [],
      goneGroups: ['g'],
      groupsDifference: 0,
      memberships: { added: { memberIds: [] } },
    });
  });

  it('an erased user stands without its attributes until its deletion is read', () => {
    const rows = applied(
      recorded('user', 'u', 0, { type: 'UserCreated', data: { attributes: {}, active: true } }, { erased: true }),
    );
    expect(rows.users.map((json) => JSON.parse(json) as unknown)).toMatchObject([{ user_name: null, attributes: {} }]);
  });

  it.each([
    ['an unknown type', recorded('user', 'u', 0, { type: 'UserMerged', data: {} }), 'unknown-event'],
    ['a newer version', recorded('user', 'u', 0, created('a'), { schemaVersion: 99 }), 'unknown-event'],
    ['a stream without a beginning', recorded('user', 'u', 3, { type: 'UserDeactivated', data: {} }), 'row-missing'],
  ])('refuses %s of a resource', (_, event, code) => {
    expect(codeOf(() => applied(event))).toBe(code);
  });

  it('passes over control events, known or not', () =>
    expect(applied(recorded('control', '', 0, { type: 'Whatever', data: {} }))).toMatchObject({
      users: [],
      groups: [],
    }));
});
