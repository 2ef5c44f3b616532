import { describe, expect, it } from '@jest/globals';
import { userSchema, type Attributes, type PatchOperation } from '#scim';
import { specify } from '#testing';
import { userDecider, type UserCommand, type UserEvent, type UserState } from './user.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const user = specify(userDecider);

const bjensen: Attributes = {
  userName: 'bjensen',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails: [
    { value: 'bjensen@example.com', type: 'work', primary: true },
    { value: 'babs@example.org', type: 'home' },
  ],
};
const babs: Attributes = { ...bjensen, userName: 'babs' };

const created: UserEvent = { type: 'UserCreated', data: { attributes: bjensen, active: true } };
const createdInactive: UserEvent = { type: 'UserCreated', data: { attributes: bjensen, active: false } };
const renamed: UserEvent = {
  type: 'UserAttributesChanged',
  data: { changed: { userName: 'babs' }, paths: ['userName'] },
};
const deactivated: UserEvent = { type: 'UserDeactivated', data: {} };
const reactivated: UserEvent = { type: 'UserReactivated', data: {} };
const deleted: UserEvent = { type: 'UserDeleted', data: {} };
const erased: UserEvent = { type: 'UserErased', data: {} };
/** Written by a release that is newer than this one. */
const unknown = { type: 'UserMerged', data: { into: 'another' } } as unknown as UserEvent;

const create: UserCommand = { type: 'CreateUser', data: { attributes: bjensen, active: true } };
const replace = (attributes: Attributes, active?: boolean): UserCommand => ({
  type: 'ReplaceUser',
  data: { attributes, active, schema: userSchema },
});
const patch = (...operations: PatchOperation[]): UserCommand => ({
  type: 'PatchUser',
  data: { operations, schema: userSchema },
});
const set = (path: string | undefined, value: unknown): PatchOperation => ({ op: 'replace', path, value });
const remove: UserCommand = { type: 'DeleteUser', data: {} };

/** Every way to a present user, and what stands at its end. */
const histories: readonly (readonly [string, readonly UserEvent[], Attributes, boolean])[] = [
  ['created', [created], bjensen, true],
  ['created without access', [createdInactive], bjensen, false],
  ['renamed', [created, renamed], babs, true],
  ['deactivated', [created, deactivated], bjensen, false],
  ['renamed while deactivated', [created, deactivated, renamed], babs, false],
  ['deactivated and reactivated', [created, deactivated, reactivated], bjensen, true],
  ['touched by a newer release', [created, unknown], bjensen, true],
];
const gone: readonly (readonly [string, readonly UserEvent[]])[] = [
  ['that never was', []],
  ['that was deleted', [created, deleted]],
  ['that was deleted and erased', [created, deleted, erased]],
  ['that was erased', [created, erased]],
];

describe('a user is created', () => {
  it('with its attributes and its access', () => user.given().when(create).then(created));

  it('without access when the request says so', () =>
    user
      .given()
      .when({ type: 'CreateUser', data: { attributes: bjensen, active: false } })
      .then(createdInactive));

  it.each([...histories.map(([name, past]) => [name, past] as const), ...gone.slice(1)])(
    'never twice under one id: %s',
    (_, past) =>
      user
        .given(...past)
        .when(create)
        .thenRefused('resource-already-exists'),
  );
});

describe('a user is replaced', () => {
  it('by what changed, path by path, and the same paths in the clear', () =>
    user
      .given(created)
      .when(replace({ ...bjensen, userName: 'babs', name: { familyName: 'Jensen-Lee' } }))
      .then({
        type: 'UserAttributesChanged',
        data: {
          changed: { userName: 'babs', 'name.givenName': null, 'name.familyName': 'Jensen-Lee' },
          paths: ['userName', 'name.givenName', 'name.familyName'],
        },
      }));

  it('R82 what a PUT leaves out is unassigned', () => {
    const { emails: _, ...rest } = bjensen;
    user
      .given(created)
      .when(replace(rest))
      .then({ type: 'UserAttributesChanged', data: { changed: { emails: null }, paths: ['emails'] } });
  });

  it.each(histories)('R82 C-O6 %s: a body that lost `active` changes nobody’s access', (_, past, attributes) =>
    user
      .given(...past)
      .when(replace(attributes))
      .thenNothing(),
  );

  it.each(histories)('%s, then by itself, records nothing: its ETag holds', (_, past, attributes, active) =>
    user
      .given(...past)
      .when(replace(attributes, active))
      .thenNothing(),
  );

  it('by the same values in another order records nothing (RFC 7643 §2.4)', () =>
    user
      .given(created)
      .when(replace({ ...bjensen, emails: [...(bjensen['emails'] as readonly Attributes[])].reverse() }))
      .thenNothing());

  it('renamed and shut out at once yields two facts', () =>
    user.given(created).when(replace(babs, false)).then(renamed, deactivated));

  it('with nothing but its access changed yields one fact', () => {
    user.given(created).when(replace(bjensen, false)).then(deactivated);
    user.given(created, deactivated).when(replace(bjensen, true)).then(reactivated);
  });

  it('an attribute of an extension changes under its URN', () =>
    user
      .given(created)
      .when(replace({ ...bjensen, [ENTERPRISE]: { department: 'Tours' } }))
      .then({
        type: 'UserAttributesChanged',
        data: { changed: { [`${ENTERPRISE}:department`]: 'Tours' }, paths: [`${ENTERPRISE}:department`] },
      }));
});

describe('a user is patched', () => {
  it('C-O7 losing access without a path is a fact of its own', () =>
    user
      .given(created)
      .when(patch(set(undefined, { active: false })))
      .then(deactivated));

  it('C-E5 losing access by a boolean in quotes is the same fact', () =>
    user
      .given(created)
      .when(patch(set('active', 'False')))
      .then(deactivated));

  it('gets access back by `active` true', () =>
    user
      .given(created, deactivated)
      .when(patch(set(undefined, { active: true })))
      .then(reactivated));

  it('attributes and access in one request are two facts', () =>
    user
      .given(created)
      .when(patch(set('userName', 'babs'), set('active', false)))
      .then(renamed, deactivated));

  it('R87 operations that take each other back record nothing', () => {
    user
      .given(created)
      .when(patch(set('userName', 'babs'), set('userName', 'bjensen')))
      .thenNothing();
    user
      .given(created)
      .when(patch(set('active', false), set('active', true)))
      .thenNothing();
  });

  it.each(histories)('R91 R101 %s: what it has already is no change', (_, past, attributes, active) =>
    user
      .given(...past)
      .when(
        patch(
          set('userName', attributes['userName']),
          set('active', active),
          { op: 'add', path: 'emails', value: [{ primary: true, type: 'work', value: 'bjensen@example.com' }] },
          { op: 'remove', path: 'title', value: undefined },
        ),
      )
      .thenNothing(),
  );

  it('R87 one operation that cannot be done undoes them all', () =>
    expect(() =>
      userDecider.decide(patch(set('displayName', 'Babs'), set('id', 'x')), state(created), undefined),
    ).toThrow(expect.objectContaining({ name: 'ScimError', scimType: 'mutability' })));
});

describe('a user is deleted', () => {
  it.each(histories)('whatever became of it before: %s', (_, past) =>
    user
      .given(...past)
      .when(remove)
      .then(deleted),
  );
});

describe('R102 nothing can be done to a user', () => {
  it.each(gone)('%s', (_, past) => {
    for (const command of [replace(babs, false), patch(set('active', false)), remove])
      user
        .given(...past)
        .when(command)
        .thenRefused('resource-not-found');
  });
});

describe('a user is erased', () => {
  const erase = (force: boolean): UserCommand => ({ type: 'EraseUser', data: { force } });

  it('after it was deleted', () => user.given(created, deleted).when(erase(false)).then(erased));

  it('once: a second time changes nothing', () => {
    for (const force of [false, true]) user.given(created, deleted, erased).when(erase(force)).thenNothing();
  });

  it.each(histories)('but not while it lives: %s', (_, past) =>
    user
      .given(...past)
      .when(erase(false))
      .thenRefused('resource-not-deleted'),
  );

  it.each(histories)('by force, which deletes it first: %s', (_, past) =>
    user
      .given(...past)
      .when(erase(true))
      .then(deleted, erased),
  );

  it('only if there was one', () => {
    for (const force of [false, true]) user.given().when(erase(force)).thenRefused('resource-not-found');
  });
});

describe('the fold', () => {
  it.each(histories)('%s', (_, past, attributes, active) =>
    expect(state(...past)).toEqual({ status: 'present', attributes, active }),
  );

  it('goes past facts about a user that is gone, as an old log may hold them', () => {
    for (const late of [renamed, deactivated, reactivated, unknown])
      expect(state(created, deleted, late)).toEqual({ status: 'deleted' });
  });

  it('keeps nothing personal of a deleted user', () =>
    expect(JSON.stringify(state(created, renamed, deleted))).not.toMatch(/bjensen|babs/));
});

function state(...past: readonly UserEvent[]): UserState {
  return past.reduce(userDecider.evolve, userDecider.initialState());
}
