import { describe, expect, it } from '@jest/globals';
import { userSchema, type Attributes, type PatchOperation } from '#scim';
import { effectiveSettings, type ChosenSettings } from '#tenancy';
import { specify } from '#testing';
import type { UserCommand, UserEvent } from './user.js';
import { ruledUserDecider, type RuledUserCommand } from './user-stream.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const user = specify(ruledUserDecider);
const babs: Attributes = {
  userName: 'babs@acme.example',
  externalId: '7',
  name: { givenName: 'Barbara', familyName: 'Jensen' },
  emails: [{ value: 'babs@acme.example' }],
  [ENTERPRISE]: { department: 'Tours', manager: { value: '26' } },
};
const of = (attributes: Attributes): UserEvent => ({ type: 'UserCreated', data: { attributes, active: true } });
const created = of(babs);
const deactivated: UserEvent = { type: 'UserDeactivated', data: {} };
const reactivated: UserEvent = { type: 'UserReactivated', data: {} };
const deleted: UserEvent = { type: 'UserDeleted', data: {} };
const changed = (changes: Record<string, string | null>): UserEvent => ({
  type: 'UserAttributesChanged',
  data: { changed: changes, paths: Object.keys(changes) },
});

const under = (chosen: ChosenSettings, command: UserCommand): RuledUserCommand => ({
  ...command,
  rules: effectiveSettings(chosen),
});
const create = (attributes = babs): UserCommand => ({ type: 'CreateUser', data: { attributes, active: true } });
const patch = (...operations: PatchOperation[]): UserCommand => ({
  type: 'PatchUser',
  data: { operations, schema: userSchema },
});
const set = (path: string, value: unknown): PatchOperation => ({ op: 'replace', path, value });
const remove: UserCommand = { type: 'DeleteUser', data: {} };

describe('F12 switches', () => {
  const off = (name: string) => ({ provisioning: { [name]: false } });
  const suspend = patch(set('active', false));
  const rename = patch(set('displayName', 'Babs'));

  it.each<[string, readonly UserEvent[], UserCommand]>([
    ['newUsers', [], create()],
    ['profileUpdates', [created], rename],
    ['deactivation', [created], suspend],
    ['deactivation', [created, deactivated], patch(set('active', true))],
    ['deactivation', [created], remove],
  ])('%s off refuses what it names', (name, past, command) =>
    user
      .given(...past)
      .when(under(off(name), command))
      .thenRefused('operation-off'),
  );

  it('each leaves the others alone', () => {
    user
      .given()
      .when(under(off('profileUpdates'), create()))
      .then(created);
    user
      .given(created)
      .when(under(off('profileUpdates'), suspend))
      .then(deactivated);
    user
      .given(created, deactivated)
      .when(under(off('newUsers'), patch(set('active', true))))
      .then(reactivated);
    user
      .given(created)
      .when(under(off('deactivation'), rename))
      .then(changed({ displayName: 'Babs' }));
    user
      .given(created)
      .when(under(off('groups'), remove))
      .then(deleted);
  });

  it('C-O6 a PUT that repeats everything and only takes access away is no profile update', () =>
    user
      .given(created)
      .when(
        under(off('profileUpdates'), {
          type: 'ReplaceUser',
          data: { attributes: babs, active: false, schema: userSchema },
        }),
      )
      .then(deactivated));

  it('one that is refused in part is refused whole', () =>
    user
      .given(created)
      .when(under(off('profileUpdates'), patch(set('active', false), set('displayName', 'Babs'))))
      .thenRefused('operation-off'));

  it('without rules everything goes, as operators act', () => user.given(created).when(remove).then(deleted));
});

describe('F21 allowed attributes', () => {
  const only = (...allowedAttributes: string[]) => ({ allowedAttributes });

  it('drops the others from a new user; userName and externalId always stay', () => {
    user
      .given()
      .when(under(only(), create()))
      .then(of({ userName: 'babs@acme.example', externalId: '7' }));
    user
      .given()
      .when(under(only('NAME', `${ENTERPRISE}:Department`), create()))
      .then(
        of({
          userName: 'babs@acme.example',
          externalId: '7',
          name: { givenName: 'Barbara', familyName: 'Jensen' },
          [ENTERPRISE]: { department: 'Tours' },
        }),
      );
  });

  it('drops them from changes, by whatever path', () =>
    user
      .given(created)
      .when(
        under(
          only('name', `${ENTERPRISE}:department`),
          patch(
            set('name.givenName', 'Babs'),
            set('title', 'Guide'),
            set(`${ENTERPRISE}:department`, 'Sales'),
            set(`${ENTERPRISE}:manager.value`, '27'),
          ),
        ),
      )
      .then(changed({ 'name.givenName': 'Babs', [`${ENTERPRISE}:department`]: 'Sales' })));

  it('a change of nothing else changes nothing', () =>
    user
      .given(created)
      .when(under(only('name'), patch(set('title', 'Guide'))))
      .thenNothing());

  it('what is dropped is not refused', () =>
    user
      .given(created)
      .when(under({ ...only('name'), provisioning: { profileUpdates: false } }, patch(set('title', 'Guide'))))
      .thenNothing());
});

describe('F19 verified domains', () => {
  const verified = { verifiedDomains: ['acme.example', 'Tours.example'] };

  it.each<[string, Attributes]>([
    ['of one of them', babs],
    ['of another, whatever the case', { ...babs, emails: [{ value: 'b@TOURS.Example' }] }],
    ['that is no address', { userName: 'babs' }],
    ['with an at sign in quotation marks', { userName: '"babs@home"@acme.example' }],
  ])('take a user %s', (_, attributes) =>
    user
      .given()
      .when(under(verified, create(attributes)))
      .then(of(attributes)),
  );

  it.each<[string, Attributes]>([
    ['userName', { userName: 'babs@evil.example' }],
    ['userName within a verified domain', { userName: 'babs@sub.acme.example' }],
    ['userName with two at signs', { userName: 'babs@acme.example@evil.example' }],
    ['e-mail', { ...babs, emails: [{ value: 'babs@acme.example' }, { value: 'b@evil.example' }] }],
  ])('refuse another %s', (_, attributes) =>
    user
      .given()
      .when(under(verified, create(attributes)))
      .thenRefused('domain-not-verified'),
  );

  it('look at changes of both and at nothing else', () => {
    const elsewhere = of({ ...babs, emails: [{ value: 'b@evil.example' }] });
    const change = (operation: PatchOperation) => under(verified, patch(operation));
    user
      .given(created)
      .when(change(set('userName', 'b@evil.example')))
      .thenRefused('domain-not-verified');
    user
      .given(created)
      .when(change({ op: 'add', path: 'emails', value: [{ value: 'b@evil.example' }] }))
      .thenRefused('domain-not-verified');
    user
      .given(elsewhere)
      .when(change(set('title', 'Guide')))
      .then(changed({ title: 'Guide' }));
    user
      .given(elsewhere)
      .when(change(set('active', false)))
      .then(deactivated);
    user.given(elsewhere).when(under(verified, remove)).then(deleted);
  });

  it('an address that was there before may stay beside a new one', () => {
    const elsewhere = of({ ...babs, emails: [{ value: 'b@evil.example' }] });
    const add = patch({ op: 'add', path: 'emails', value: [{ value: 'b@acme.example' }] });
    expect(() =>
      ruledUserDecider.decide(
        under(verified, add),
        [elsewhere].reduce(ruledUserDecider.evolve, ruledUserDecider.initialState()),
        undefined,
      ),
    ).not.toThrow();
  });

  it('the refusal names the attribute and the domains, never the address', () =>
    expect(() =>
      ruledUserDecider.decide(
        under(verified, create({ userName: 'babs@evil.example' })),
        ruledUserDecider.initialState(),
        undefined,
      ),
    ).toThrow('"userName" is outside the verified domains: acme.example, Tours.example.'));
});
