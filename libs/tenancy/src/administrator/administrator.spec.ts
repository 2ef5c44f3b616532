import { expect, it } from '@jest/globals';
import { specify } from '#testing';
import { administratorDecider, type AdministratorCommand, type AdministratorEvent } from './administrator.js';

const administrator = specify(administratorDecider);
const administratorId = 'a1';
const at = '2026-11-21T12:00:00.000Z';
const expiresAt = '2026-11-28T12:00:00.000Z';

const invited: AdministratorEvent = { type: 'AdministratorInvited', data: { administratorId, expiresAt } };
const activated: AdministratorEvent = { type: 'AdministratorActivated', data: { administratorId } };
const disabled: AdministratorEvent = { type: 'AdministratorDisabled', data: { administratorId } };
const enabled: AdministratorEvent = { type: 'AdministratorEnabled', data: { administratorId } };
const signedIn: AdministratorEvent = { type: 'AdministratorSignedIn', data: { administratorId, clientId: 'c1' } };

const invite: AdministratorCommand = { type: 'InviteAdministrator', data: { administratorId, expiresAt, at } };
const activate: AdministratorCommand = { type: 'ActivateAdministrator', data: { administratorId } };
const signIn: AdministratorCommand = { type: 'SignInAdministrator', data: { administratorId, clientId: 'c1' } };
const change = (is: boolean): AdministratorCommand => ({
  type: 'ChangeAdministrator',
  data: { administratorId, enabled: is },
});

it('F8 is invited, chooses a password, signs in', () => {
  administrator.given().when(invite).then(invited);
  administrator.given(invited).when(activate).then(activated);
  administrator.given(invited, activated).when(signIn).then(signedIn);
});

it('F8 gets another link, before and after the first was used', () => {
  administrator.given(invited).when(invite).then(invited);
  administrator.given(invited, activated).when(invite).then(invited);
  administrator.given(invited, activated, invited).when(signIn).then(signedIn);
});

it('a link that has expired already is refused', () =>
  administrator
    .given()
    .when({ type: 'InviteAdministrator', data: { administratorId, expiresAt: at, at } })
    .thenRefused('expiry-invalid'));

it('is disabled and enabled again; nothing is recorded when nothing changes', () => {
  administrator.given(invited, activated).when(change(false)).then(disabled);
  administrator.given(invited, activated, disabled).when(change(true)).then(enabled);
  administrator.given(invited).when(change(true)).thenNothing();
  administrator.given(invited, disabled).when(change(false)).thenNothing();
});

it.each([invite, activate, signIn])('disabled, gets nothing: $type', (command) =>
  administrator.given(invited, activated, disabled).when(command).thenRefused('administrator-disabled'),
);

it('enabled again, signs in', () =>
  administrator.given(invited, activated, disabled, enabled).when(signIn).then(signedIn));

it.each([activate, signIn, change(false)])('that there is none is said: $type', (command) =>
  administrator.given().when(command).thenRefused('administrator-not-found'),
);

it('does not sign in without a password', () =>
  administrator.given(invited).when(signIn).thenRefused('administrator-not-found'));

it('no event says who it is', () => {
  for (const { data } of [invited, activated, disabled, enabled, signedIn])
    for (const field of Object.keys(data)) expect(['administratorId', 'clientId', 'expiresAt']).toContain(field);
});
