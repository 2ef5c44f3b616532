import { describe, expect, it } from '@jest/globals';
import type { TopicRecord } from '../e2e/topics.js';
import type { Attempt, Effect, Outcome } from './attempts.js';
import { DirectoryOfChanges } from './changes.js';
import { compacted, differences } from './directory.js';
import { contradictsAcknowledged } from './memberships.js';
import { acknowledgedOnce, inOrderOfAsking, inTenantOrder, onceAndInOrder, unpublished } from './verdict.js';

const change = (sequence: number, type: string, value: object): TopicRecord => ({
  topic: 'changes',
  partition: 0,
  offset: sequence,
  key: '',
  value,
  headers: { ce_id: `event-${sequence}`, ce_type: type, ce_sequence: String(sequence).padStart(20, '0') },
});
const created = (sequence: number, id: string, title: string, userName = id): TopicRecord =>
  change(sequence, 'user.created', { id, userName, title, active: true });
const retitled = (sequence: number, id: string, title: string): TopicRecord =>
  change(sequence, 'user.updated', { id, paths: ['title'], changed: { title } });
const deleted = (sequence: number, id: string): TopicRecord => change(sequence, 'user.deleted', { id });
const added = (sequence: number, id: string, value: string): TopicRecord =>
  change(sequence, 'group.members_added', { id, members: [{ value, type: 'User' }] });
const removed = (sequence: number, id: string, member: string, cause?: object): TopicRecord =>
  change(sequence, 'group.members_removed', { id, members: [member], ...(cause === undefined ? {} : { cause }) });
const attempt = (effect: Effect, outcome: Outcome): Attempt => ({
  tenantId: 't',
  lane: 'lane',
  effects: [effect],
  outcome,
});

describe('a topic', () => {
  const records = [created(1, 'a', 'x'), created(2, 'b', 'y')];

  it('with every event of the log once and in order is right', () =>
    expect(onceAndInOrder('changes', ['event-1', 'event-2'], records)).toEqual([]));

  it.each([
    ['lacks an event', ['event-1', 'event-2', 'event-3'], records, /lacks 1 events: event-3/],
    ['has an event the log has not', ['event-1'], records, /the log has not: event-2/],
    ['has an event twice', ['event-1', 'event-2'], [...records, records[1]], /twice: event-2/],
    ['is out of order', ['event-1', 'event-2'], [...records].reverse(), /out of order/],
  ])('that %s is found', (_, logged, read, fault) =>
    expect(
      onceAndInOrder(
        'changes',
        logged,
        read.filter((one) => one !== undefined),
      ).join(),
    ).toMatch(fault),
  );
});

describe('a topic with several records of one event', () => {
  it('is right in any order of theirs', () =>
    expect(inTenantOrder('memberships', ['event-2', 'event-1'], [created(1, 'a', 'x'), created(2, 'b', 'y')])).toEqual(
      [],
    ));

  it.each([
    ['twice', ['event-1'], [created(1, 'a', 'x'), created(1, 'a', 'x')], /twice/],
    ['not at all', ['event-1', 'event-2'], [created(1, 'a', 'x')], /lacks 1 events: event-2/],
    ['too late', ['event-1', 'event-2'], [created(2, 'b', 'y'), created(1, 'a', 'x')], /out of order/],
  ])('shows a record that came %s', (_, expected, read, fault) =>
    expect(inTenantOrder('memberships', expected, read).join()).toMatch(fault),
  );
});

describe("the publisher's last position", () => {
  const logged = [
    { id: 'a', sequence: 1 },
    { id: 'b', sequence: 3 },
  ];
  const positions = (...values: object[]) => values.map((value) => change(1, '', value));

  it('is at or behind the last event that is published', () => {
    expect(unpublished(logged, positions({ sequence: 1 }, { sequence: 3 }))).toEqual([]);
    expect(unpublished(logged, positions({ sequence: 5 }))).toEqual([]);
    expect(unpublished([], [])).toEqual([]);
  });

  it('must not stand before an event, or in the middle of one', () => {
    expect(unpublished(logged, positions({ sequence: 3 }, { sequence: 1 }))).toHaveLength(1);
    expect(unpublished(logged, positions({ sequence: 3, offset: 500, after: 'm' }))).toHaveLength(1);
  });
});

describe('what clients tried', () => {
  it('is right when the acknowledged happened once, the refused never, and the rest once at most', () =>
    expect(
      acknowledgedOnce(
        [
          attempt('marker:x', 'acknowledged'),
          attempt('marker:y', 'refused'),
          attempt('marker:z', 'unknown'),
          attempt('marker:w', 'unknown'),
          attempt('deleted:a', 'unknown'),
          attempt('deleted:a', 'acknowledged'),
        ],
        [created(1, 'a', 'x'), retitled(2, 'a', 'z'), deleted(3, 'a')],
      ),
    ).toEqual([]));

  it.each([
    ['lost although acknowledged', [attempt('marker:x', 'acknowledged')], [], /acknowledged, and happened 0 times/],
    [
      'doubled',
      [attempt('marker:x', 'acknowledged')],
      [created(1, 'a', 'x'), created(2, 'b', 'x')],
      /acknowledged, and happened 2 times/,
    ],
    [
      'doubled without an answer',
      [attempt('added:g/a', 'unknown')],
      [added(1, 'g', 'a'), added(2, 'g', 'a')],
      /not answered, and happened 2/,
    ],
    ['done although refused', [attempt('marker:x', 'refused')], [created(1, 'a', 'x')], /refused, and happened 1/],
    ['done unasked', [], [created(1, 'a', 'x')], /nobody asked for it: marker:x/],
  ])('and was %s is found', (_, attempts, changes, fault) =>
    expect(acknowledgedOnce(attempts, changes).join()).toMatch(fault),
  );

  it('may leave a group by being deleted, but not unasked', () => {
    const deletion = [attempt('deleted:a', 'acknowledged')];
    expect(acknowledgedOnce(deletion, [deleted(1, 'a'), removed(2, 'g', 'a', { kind: 'member-deleted' })])).toEqual([]);
    expect(acknowledgedOnce([], [removed(2, 'g', 'b')])).toHaveLength(1);
  });

  it('stands in the log in the order in which it was asked one after the other', () => {
    const asked = [attempt('marker:x', 'acknowledged'), attempt('marker:y', 'acknowledged')];
    expect(inOrderOfAsking(asked, [created(1, 'a', 'x'), retitled(2, 'a', 'y')])).toEqual([]);
    expect(inOrderOfAsking(asked, [created(2, 'a', 'x'), retitled(1, 'a', 'y')])).toHaveLength(1);
  });
});

describe('a directory told by changes', () => {
  const group = (sequence: number) => change(sequence, 'group.created', { id: 'g', displayName: 'Everybody' });

  it('is what the last of them left, with a record for each membership that began or ended', () => {
    const told = new DirectoryOfChanges([
      created(1, 'a', 'x'),
      created(2, 'b', 'x'),
      retitled(3, 'a', 'y'),
      group(4),
      added(5, 'g', 'a'),
      added(6, 'g', 'b'),
      deleted(7, 'b'),
      removed(8, 'g', 'b', {}),
    ]);
    expect(told.directory).toEqual({
      users: [{ id: 'a', userName: 'a', title: 'y', active: true }],
      groups: [{ id: 'g', displayName: 'Everybody' }],
      memberships: ['g/a'],
    });
    expect(told.faults).toEqual([]);
    expect(told.expectedMembershipRecords).toEqual(['event-5:a', 'event-6:b', 'event-8:b']);
  });

  it('ends the memberships of a group with the group', () => {
    const end = change(4, 'group.deleted', { id: 'g' });
    const told = new DirectoryOfChanges([created(1, 'a', 'x'), group(2), added(3, 'g', 'a'), end]);
    expect(told.directory).toMatchObject({ groups: [], memberships: [] });
    expect(told.expectedMembershipRecords).toEqual(['event-3:a', 'event-4:a']);
  });

  it.each([
    [
      'two users of one name, even if only for a while',
      [created(1, 'a', 'x', 'babs'), created(2, 'b', 'x', 'Babs'), deleted(3, 'a')],
    ],
    ['members who are gone', [created(1, 'a', 'x'), group(2), added(3, 'g', 'a'), deleted(4, 'a')]],
    ['a member taken in twice', [created(1, 'a', 'x'), group(2), added(3, 'g', 'a'), added(4, 'g', 'a')]],
    ['somebody removed who was not in', [created(1, 'a', 'x'), group(2), removed(3, 'g', 'a')]],
  ])('shows %s', (_, changes) => expect(new DirectoryOfChanges(changes).faults).toHaveLength(1));
});

describe('two witnesses of one directory', () => {
  const user = { id: 'a', userName: 'ann', title: 'x', active: true };
  const directory = { users: [user], groups: [{ id: 'g', displayName: 'Everybody' }], memberships: ['g/a'] };
  const differing = (other: object) => differences(['SQL', directory], ['Kafka', { ...directory, ...other }]);

  it('agree in any order', () => {
    const both = { memberships: ['g/a', 'g/b'] };
    expect(differences(['SQL', both], ['Kafka', { memberships: ['g/b', 'g/a'] }])).toEqual([]);
  });

  it.each([
    ['one lacks', { users: [] }, /users in SQL, not in Kafka: .*ann/],
    ['the other lacks', { memberships: ['g/a', 'g/b'] }, /memberships in Kafka, not in SQL: "g\/b"/],
    ['one has in another version', { groups: [{ id: 'g', displayName: 'Nobody' }] }, /Nobody/],
    ['one has twice', { memberships: ['g/a', 'g/a'] }, /twice/],
  ])('differ in what %s', (_, other, fault) => expect(differing(other).join()).toMatch(fault));
});

describe('a compacted topic', () => {
  const record = (kind: string, key: string, value: object | null): TopicRecord => ({
    ...change(1, '', {}),
    topic: `rollcall.${kind}.v1`,
    key: `t/${key}`,
    value,
  });

  it('leaves the last value of each key, and nothing of what was ended', () => {
    const ann = { id: 'a', userName: 'ann', title: 'x', active: true };
    expect(
      compacted([
        record('users', 'User/a', ann),
        record('users', 'User/a', { ...ann, title: 'y', schemas: [] }),
        record('users', 'User/b', { ...ann, id: 'b' }),
        record('users', 'User/b', null),
        record('groups', 'Group/g', { id: 'g', displayName: 'Everybody' }),
        record('memberships', 'g/a', { group: 'g', member: 'a', type: 'User' }),
        record('memberships', 'g/b', null),
      ]),
    ).toEqual({
      users: [{ ...ann, title: 'y' }],
      groups: [{ id: 'g', displayName: 'Everybody' }],
      memberships: ['g/a'],
    });
  });
});

describe('memberships', () => {
  it('may be either way where no answer came', () => {
    const unsure = [
      attempt('added:g/a', 'unknown'),
      attempt('added:g/b', 'acknowledged'),
      attempt('removed:g/b', 'unknown'),
    ];
    for (const memberships of [[], ['g/a'], ['g/b'], ['g/a', 'g/b']])
      expect(contradictsAcknowledged(unsure, memberships)).toEqual([]);
  });

  it.each<[string, readonly Attempt[], readonly string[], RegExp]>([
    ['lost', [attempt('added:g/a', 'acknowledged')], [], /not in the group: g\/a/],
    [
      'left behind',
      [attempt('added:g/a', 'unknown'), attempt('removed:g/a', 'acknowledged')],
      ['g/a'],
      /still in the group/,
    ],
    [
      'left behind by the deleted',
      [attempt('added:g/a', 'unknown'), attempt('deleted:a', 'acknowledged')],
      ['g/a'],
      /still/,
    ],
    ['made up', [], ['g/a'], /nobody asked for it: g\/a/],
  ])('%s are found', (_, attempts, memberships, fault) =>
    expect(contradictsAcknowledged(attempts, memberships).join()).toMatch(fault),
  );
});
