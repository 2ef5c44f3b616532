import { describe, expect, it } from '@jest/globals';
import { specify } from '#testing';
import { controlDecider, type ControlCommand, type ControlEvent } from '../control-stream.js';
import { TenancyError } from '../refusal.js';

const ACME = 'urn:acme:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const attribute = {
  type: 'string' as const,
  multiValued: false,
  description: '',
  required: false,
  caseExact: false,
  mutability: 'readWrite' as const,
  returned: 'default' as const,
  uniqueness: 'none' as const,
};
const created: ControlEvent = { type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme' } };
const registered: ControlEvent = {
  type: 'ExtensionSchemaRegistered',
  data: {
    urn: ACME,
    resourceType: 'User',
    required: false,
    schema: { id: ACME, name: 'Acme', description: '', attributes: [{ ...attribute, name: 'costCenter' }] },
  },
};
const index = (...indexedAttributes: readonly string[]): ControlCommand => ({
  type: 'ChangeTenant',
  data: { settings: { indexedAttributes } },
});
const changed = (...indexedAttributes: readonly string[]): ControlEvent => ({
  type: 'TenantSettingsChanged',
  data: { settings: { indexedAttributes } },
});
const control = specify(controlDecider);

describe('attributes to be indexed', () => {
  it('are recorded by their canonical paths, each once, in order', () => {
    control
      .given(created, registered)
      .when(index('Title', `${ACME.toUpperCase()}:costcenter`, 'title', 'name.familyName', 'phoneNumbers.value'))
      .then(changed('name.familyName', 'phoneNumbers.value', 'title', `${ACME}:costCenter`));
    control.given(created, changed('title')).when(index('TITLE')).thenNothing();
  });

  it.each([
    ['unknown', 'shoeSize', 'no such attribute'],
    ['of a schema that the tenant does not have', 'urn:acme:2.0:Group:costCenter', 'no such attribute'],
    ['a whole schema', ENTERPRISE, 'no such attribute'],
    ['complex', 'name', 'complex'],
    ['found by a column', 'userName', 'needs no index'],
    ['found by rows of their own', 'emails.value', 'needs no index'],
    ['a part of what every resource has', 'meta.created', 'needs no index'],
    ['not to be searched', 'x509Certificates.value', 'cannot be searched'],
    ['never returned', 'password', 'cannot be searched'],
    ['derived', `${ENTERPRISE}:manager.displayName`, 'derived'],
  ])('are not %s: %s', (_, path, why) => {
    control.given(created, registered).when(index('title', path)).thenRefused('setting-invalid');
    const state = [created, registered].reduce(controlDecider.evolve, controlDecider.initialState());
    expect(() => controlDecider.decide(index(path), state, undefined)).toThrow(TenancyError);
    expect(() => controlDecider.decide(index(path), state, undefined)).toThrow(why);
  });

  it('are at most twenty', () => {
    const parts = ['formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'];
    const places = ['streetAddress', 'locality', 'region', 'postalCode', 'country', 'type'];
    const many = [
      ...parts.map((name) => `name.${name}`),
      ...places.map((name) => `addresses.${name}`),
      ...['title', 'userType', 'nickName', 'locale', 'timezone', 'profileUrl', 'preferredLanguage', 'roles.value'],
    ];
    control
      .given(created)
      .when(index(...many))
      .then(changed(...[...many].sort()));
    control
      .given(created)
      .when(index(...many, 'roles.type'))
      .thenRefused('setting-invalid');
  });

  it('are a list of names', () =>
    control
      .given(created)
      .when({ type: 'ChangeTenant', data: { settings: { indexedAttributes: [7] as unknown as string[] } } })
      .thenRefused('setting-invalid'));
});
