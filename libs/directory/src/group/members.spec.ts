import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MemberOperation } from '#scim';
import { memberChanges, MEMBERS_PER_EVENT, type GroupFacts, type MemberEvent } from './members.js';

const KNOWN = ['a', 'b', 'c', 'd', 'e', 'f'];
const id = fc.constantFrom(...KNOWN);
const ids = fc.array(id, { maxLength: 5 });
const inputs = (values: readonly string[]) => values.map((value) => ({ value }));

const operation: fc.Arbitrary<MemberOperation> = fc.oneof(
  ids.map((values) => ({ kind: 'add' as const, members: inputs(values) })),
  ids.map((values) => ({ kind: 'remove' as const, values })),
  ids.map((values) => ({ kind: 'replace' as const, members: inputs(values) })),
  fc.constant({ kind: 'remove-all' as const }),
);

const without = (set: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([...set].filter((one) => !others.has(one)));

/** What the operations mean: plain sets, as slow as can be. */
const meaning = (members: ReadonlySet<string>, operations: readonly MemberOperation[]): ReadonlySet<string> =>
  operations.reduce<ReadonlySet<string>>((set, op) => {
    switch (op.kind) {
      case 'add':
        return new Set([...set, ...op.members.map(({ value }) => value)]);
      case 'remove':
        return without(set, new Set(op.values));
      case 'replace':
        return new Set(op.members.map(({ value }) => value));
      case 'remove-all':
        return new Set();
    }
  }, members);

const facts = (members: Iterable<string>): GroupFacts => ({
  groupId: 'g',
  members: new Set(members),
  complete: true,
  existing: new Map(KNOWN.map((known) => [known, 'User'])),
});

const namesIn = (events: readonly MemberEvent[], type: MemberEvent['type']): readonly string[] =>
  events.flatMap((event) => {
    if (event.type !== type) return [];
    if (event.type === 'GroupMembersAdded') return event.data.members.map(({ value }) => value);
    return event.type === 'GroupMembersRemoved' ? event.data.members : [];
  });

describe('any operations on members', () => {
  it('do what they do to a set, by the fewest facts', () =>
    fc.assert(
      fc.property(ids, fc.array(operation, { maxLength: 6 }), (present, operations) => {
        const before = new Set(present);
        const events = memberChanges(operations, facts(before));
        const added = namesIn(events, 'GroupMembersAdded');
        const removed = namesIn(events, 'GroupMembersRemoved');
        const after = meaning(before, operations);
        expect(new Set(added)).toEqual(without(after, before));
        expect(new Set(removed)).toEqual(without(before, after));
        expect(added).toHaveLength(new Set(added).size);
        expect(removed).toHaveLength(new Set(removed).size);
      }),
    ));

  it('leave what they were told as they found it', () =>
    fc.assert(
      fc.property(ids, fc.array(operation, { maxLength: 6 }), (present, operations) => {
        const told = facts(present);
        memberChanges(operations, told);
        expect(told).toEqual(facts(present));
      }),
    ));

  it('are refused exactly when they add one who is neither there nor a member', () =>
    fc.assert(
      fc.property(ids, ids, fc.array(operation, { maxLength: 6 }), (present, existing, operations) => {
        const told = { ...facts(present), existing: new Map(existing.map((known) => [known, 'Group' as const])) };
        const named = operations.flatMap((op) => ('members' in op ? op.members.map(({ value }) => value) : []));
        const stranger = named.some((value) => !present.includes(value) && !existing.includes(value));
        if (stranger)
          expect(() => memberChanges(operations, told)).toThrow(expect.objectContaining({ code: 'unknown-member' }));
        else expect(() => memberChanges(operations, told)).not.toThrow();
      }),
    ));

  it('never make an event that is empty or too large', () =>
    fc.assert(
      fc.property(fc.nat({ max: 2100 }), (size) => {
        const many = Array.from({ length: size }, (_, i) => `u${i}`);
        for (const event of memberChanges([{ kind: 'remove-all' }], facts(many))) {
          const count = namesIn([event], 'GroupMembersRemoved').length;
          expect(count).toBeGreaterThan(0);
          expect(count).toBeLessThanOrEqual(MEMBERS_PER_EVENT);
        }
      }),
      { numRuns: 25 },
    ));
});

describe('what a member is', () => {
  it('the log says, whatever the client called it', () =>
    expect(
      memberChanges([{ kind: 'add', members: [{ value: 'inner', type: 'User' }] }], {
        ...facts([]),
        existing: new Map([['inner', 'Group']]),
      }),
    ).toEqual([{ type: 'GroupMembersAdded', data: { members: [{ value: 'inner', type: 'Group' }] } }]));
});
