import { describe, expect, it } from '@jest/globals';
import type { TopicRecord } from '../e2e/topics.js';
import type { Attempt, Effect, Outcome } from './attempts.js';
import { acknowledgedOnce, directoryOf, inOrderOfAsking, onceAndInOrder } from './verdict.js';

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
  it('is what the last of them left', () => {
    const group = change(4, 'group.created', { id: 'g', displayName: 'Everybody' });
    const { users, groups, faults } = directoryOf([
      created(1, 'a', 'x'),
      created(2, 'b', 'x'),
      retitled(3, 'a', 'y'),
      group,
      added(5, 'g', 'a'),
      added(6, 'g', 'b'),
      deleted(7, 'b'),
      removed(8, 'g', 'b', {}),
    ]);
    expect([...users.values()]).toEqual([{ id: 'a', userName: 'a', title: 'y', active: true }]);
    expect([...groups.values()]).toEqual([{ id: 'g', displayName: 'Everybody', members: ['a'] }]);
    expect(faults).toEqual([]);
  });

  it('shows two users of one name, even if only for a while, and members who are gone', () => {
    const both = [created(1, 'a', 'x', 'babs'), created(2, 'b', 'x', 'babs'), deleted(3, 'a')];
    expect(directoryOf(both).faults).toEqual(['two users have the name babs']);
    const group = change(2, 'group.created', { id: 'g', displayName: 'Everybody' });
    expect(directoryOf([created(1, 'a', 'x'), group, added(3, 'g', 'a'), deleted(4, 'a')]).faults).toHaveLength(1);
  });
});
