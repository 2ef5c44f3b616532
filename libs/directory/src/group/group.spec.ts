import { describe, expect, it } from '@jest/globals';
import {
  compileResourceSchema,
  groupResourceType,
  groupSchema,
  groupSchemaDefinition,
  type AttributeDefinition,
  type Attributes,
  type MemberOperation,
  type PatchOperation,
} from '#scim';
import { specify } from '#testing';
import { groupDecider, type GroupCommand, type GroupEvent, type GroupState } from './group.js';
import { MEMBERS_PER_EVENT, type GroupFacts } from './members.js';

const group = specify(groupDecider);

const tours: Attributes = { displayName: 'Tour Guides' };
const created: GroupEvent = { type: 'GroupCreated', data: { attributes: tours } };
const renamed: GroupEvent = {
  type: 'GroupAttributesChanged',
  data: { changed: { displayName: 'Guides' }, paths: ['displayName'] },
};
const guides: Attributes = { displayName: 'Guides' };
const added = (...ids: string[]): GroupEvent => ({
  type: 'GroupMembersAdded',
  data: { members: ids.map((value) => ({ value, type: 'User' })) },
});
const removed = (...members: string[]): GroupEvent => ({ type: 'GroupMembersRemoved', data: { members } });
const deleted: GroupEvent = { type: 'GroupDeleted', data: {} };
/** Written by a release that is newer than this one. */
const unknown = { type: 'GroupMerged', data: { into: 'another' } } as unknown as GroupEvent;

/** What the edge index and the log say before the decision. */
const facts = (members: readonly string[] = [], others: readonly string[] = []): GroupFacts => ({
  groupId: 'g',
  members: new Set(members),
  complete: true,
  existing: new Map(others.map((id) => [id, 'User'])),
});

type Replacement = MemberOperation & { kind: 'replace' };
const exactly = (...ids: string[]): Replacement => ({ kind: 'replace', members: ids.map((value) => ({ value })) });
const add = (...ids: string[]): MemberOperation => ({ kind: 'add', members: ids.map((value) => ({ value })) });
const drop = (...values: string[]): MemberOperation => ({ kind: 'remove', values });

const create = (...ids: string[]): GroupCommand => ({
  type: 'CreateGroup',
  data: { attributes: tours, members: exactly(...ids) },
});
const replace = (attributes: Attributes, ...ids: string[]): GroupCommand => ({
  type: 'ReplaceGroup',
  data: { attributes, members: exactly(...ids), schema: groupSchema },
});
const patch = (members: readonly MemberOperation[], ...operations: PatchOperation[]): GroupCommand => ({
  type: 'PatchGroup',
  data: { operations, members, schema: groupSchema },
});
const setName = (value: string): PatchOperation => ({ op: 'replace', path: 'displayName', value });
const remove: GroupCommand = { type: 'DeleteGroup', data: {} };
const lose = (member: string): GroupCommand => ({
  type: 'RecordMemberLoss',
  data: { member, cause: { kind: 'member-deleted', eventId: 'e1' } },
});

/** Every way to a present group. Members are facts, not state: they come with the command. */
const histories: readonly (readonly [string, readonly GroupEvent[], Attributes])[] = [
  ['created', [created], tours],
  ['renamed', [created, renamed], guides],
  ['given members', [created, added('a', 'b')], tours],
  ['given members and robbed of one', [created, added('a', 'b'), removed('b'), renamed], guides],
  ['touched by a newer release', [created, unknown], tours],
];

describe('a group is created', () => {
  it('without members', () => group.given().when(create(), facts()).then(created));

  it('with members, a fact of their own', () =>
    group
      .given()
      .when(create('a', 'b'), facts([], ['a', 'b']))
      .then(created, added('a', 'b')));

  it('with a group in it', () =>
    group
      .given()
      .when(create('inner'), { ...facts(), existing: new Map([['inner', 'Group']]) })
      .then(created, { type: 'GroupMembersAdded', data: { members: [{ value: 'inner', type: 'Group' }] } }));

  it.each([...histories, ['deleted', [created, deleted], tours] as const])('never twice under one id: %s', (_, past) =>
    group
      .given(...past)
      .when(create(), facts())
      .thenRefused('resource-already-exists'),
  );
});

describe('a group is replaced', () => {
  it.each(histories)('%s, then by itself, records nothing: its ETag holds', (_, past, attributes) =>
    group
      .given(...past)
      .when(replace(attributes, 'a', 'b'), facts(['b', 'a']))
      .thenNothing(),
  );

  it('by the differences, in attributes and in members', () =>
    group
      .given(created, added('a', 'b'))
      .when(replace(guides, 'b', 'c'), facts(['a', 'b'], ['c']))
      .then(renamed, removed('a'), added('c')));

  it('by one without members loses them all', () =>
    group
      .given(created, added('a', 'b'))
      .when(replace(tours), facts(['a', 'b']))
      .then(removed('a', 'b')));
});

describe('an attribute that can be set but once', () => {
  const URN = 'urn:example:params:scim:schemas:2.0:Badge';
  const badgeNumber: AttributeDefinition = {
    name: 'number',
    type: 'string',
    multiValued: false,
    description: 'Printed on the badge',
    required: false,
    caseExact: true,
    mutability: 'immutable',
    returned: 'default',
    uniqueness: 'none',
  };
  const schema = compileResourceSchema({ ...groupResourceType, schemaExtensions: [{ schema: URN, required: false }] }, [
    groupSchemaDefinition,
    { id: URN, name: 'Badge', description: '', attributes: [badgeNumber] },
  ]);
  const withBadge: Attributes = { ...tours, [URN]: { number: '7' } };
  const badged: GroupEvent = { type: 'GroupCreated', data: { attributes: withBadge } };
  const put = (attributes: Attributes): GroupCommand => ({
    type: 'ReplaceGroup',
    data: { attributes, members: exactly(), schema },
  });

  it('R81 stays when a PUT leaves it out', () => group.given(badged).when(put(tours), facts()).thenNothing());

  it('R81 is not changed by a PUT', () =>
    expect(() => groupDecider.decide(put({ ...tours, [URN]: { number: '8' } }), state(badged), facts())).toThrow(
      expect.objectContaining({ name: 'ScimError', scimType: 'mutability' }),
    ));
});

describe('a group is patched', () => {
  it.each(histories)('R91 R101 %s: what it has already is no change', (_, past, attributes) =>
    group
      .given(...past)
      .when(
        patch([add('a'), exactly('a', 'b')], { op: 'replace', path: undefined, value: attributes }),
        facts(['a', 'b']),
      )
      .thenNothing(),
  );

  it('name and members in one request are facts apart', () =>
    group
      .given(created)
      .when(patch([add('a')], setName('Guides')), facts([], ['a']))
      .then(renamed, added('a')));

  it('R96 removing one who is no member changes nothing', () =>
    group
      .given(created, added('a'))
      .when(patch([drop('b')]), facts(['a']))
      .thenNothing());

  it('C-E6 a list of values removes those listed and no others', () =>
    group
      .given(created, added('a', 'b', 'c'))
      .when(patch([drop('a', 'c', 'x')]), facts(['a', 'b', 'c']))
      .then(removed('a', 'c')));

  it('remove without a filter empties it, and writes only who was there', () =>
    group
      .given(created, added('a', 'b'))
      .when(patch([{ kind: 'remove-all' }]), facts(['a', 'b']))
      .then(removed('a', 'b')));

  it('R87 operations that take each other back record nothing', () => {
    group
      .given(created)
      .when(patch([add('a'), drop('a')]), facts([], ['a']))
      .thenNothing();
    group
      .given(created, added('a'))
      .when(patch([drop('a'), add('a')]), facts(['a']))
      .thenNothing();
    group
      .given(created, added('a'))
      .when(patch([{ kind: 'remove-all' }, add('a')]), facts(['a']))
      .thenNothing();
  });

  it('a member that does not exist is refused, and nothing is done by halves', () =>
    group
      .given(created)
      .when(patch([add('a', 'nobody')], setName('Guides')), facts([], ['a']))
      .thenRefused('unknown-member'));

  it('a refused member is refused even when a later operation removes it', () =>
    group
      .given(created)
      .when(patch([add('nobody'), drop('nobody')]), facts())
      .thenRefused('unknown-member'));

  it('a group cannot be a member of itself, not even when it exists', () => {
    group
      .given(created)
      .when(patch([add('g')]), facts([], ['g']))
      .thenRefused('member-of-itself');
    group
      .given(created)
      .when(replace(tours, 'g'), facts([], ['g']))
      .thenRefused('member-of-itself');
    group
      .given()
      .when(create('g'), facts([], ['g']))
      .thenRefused('member-of-itself');
  });

  it('removing itself is removing a non-member', () =>
    group
      .given(created)
      .when(patch([drop('g')]), facts())
      .thenNothing());
});

describe(`no event holds more than ${MEMBERS_PER_EVENT} members`, () => {
  const ids = Array.from({ length: 2 * MEMBERS_PER_EVENT + 1 }, (_, i) => `u${i}`);
  const chunks = [ids.slice(0, 500), ids.slice(500, 1000), ids.slice(1000)];

  it('when they are added', () =>
    group
      .given(created)
      .when(patch([add(...ids)]), facts([], ids))
      .then(...chunks.map((chunk) => added(...chunk))));

  it('when they are removed', () =>
    group
      .given(created)
      .when(patch([{ kind: 'remove-all' }]), facts(ids))
      .then(...chunks.map((chunk) => removed(...chunk))));

  it('and exactly as many fit into one', () => {
    const most = ids.slice(0, MEMBERS_PER_EVENT);
    group
      .given(created)
      .when(patch([add(...most)]), facts([], ids))
      .then(added(...most));
  });
});

describe('a member was deleted', () => {
  it('and its group records the loss with the cause', () =>
    group
      .given(created, added('a'))
      .when(lose('a'), facts())
      .then({
        type: 'GroupMembersRemoved',
        data: { members: ['a'], cause: { kind: 'member-deleted', eventId: 'e1' } },
      }));

  it('and a group that went first records nothing', () =>
    group.given(created, added('a'), deleted).when(lose('a'), facts()).thenNothing());

  it('and a group that never was records nothing', () => group.given().when(lose('a'), facts()).thenNothing());
});

describe('a group is deleted', () => {
  it.each(histories)('by one fact, whatever became of it before: %s', (_, past) =>
    group
      .given(...past)
      .when(remove, facts(['a', 'b']))
      .then(deleted),
  );

  it.each([
    ['that never was', []],
    ['that was deleted', [created, deleted]],
  ])('R102 and nothing can be done to a group %s', (_, past) => {
    for (const command of [replace(guides), patch([]), patch([], setName('x')), remove])
      group
        .given(...past)
        .when(command, facts())
        .thenRefused('resource-not-found');
  });
});

describe('the fold', () => {
  it.each(histories)('%s', (_, past, attributes) => expect(state(...past)).toEqual({ status: 'present', attributes }));

  it('goes past facts about a group that is gone, as an old log may hold them', () => {
    for (const late of [renamed, added('a'), removed('a'), unknown])
      expect(state(created, deleted, late)).toEqual({ status: 'deleted' });
  });

  it('does not grow with its members', () =>
    expect(state(created, added(...Array.from({ length: 500 }, (_, i) => `u${i}`)))).toEqual(state(created)));
});

function state(...past: readonly GroupEvent[]): GroupState {
  return past.reduce(groupDecider.evolve, groupDecider.initialState());
}

describe('a group is erased', () => {
  const erase = (force: boolean): GroupCommand => ({ type: 'EraseGroup', data: { force } });
  const erased: GroupEvent = { type: 'GroupErased', data: {} };

  it('after it was deleted, once', () => {
    group.given(created, deleted).when(erase(false), facts()).then(erased);
    for (const force of [false, true]) group.given(created, deleted, erased).when(erase(force), facts()).thenNothing();
  });

  it('not while it lives, but by force, which deletes it first', () => {
    group.given(created).when(erase(false), facts()).thenRefused('resource-not-deleted');
    group.given(created).when(erase(true), facts()).then(deleted, erased);
  });

  it('only if there was one', () => group.given().when(erase(true), facts()).thenRefused('resource-not-found'));
});
