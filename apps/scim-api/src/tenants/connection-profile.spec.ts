import { describe, expect, it } from '@jest/globals';
import { profiles, strictnessOf } from '#scim';
import { effectiveSettings, type ChosenSettings } from '#tenancy';
import { profileOf, strictnessFor } from './connection-profile.js';

const of = (chosen: ChosenSettings, credentialId = 'c1') =>
  profileOf({ credentialId, settings: effectiveSettings(chosen) }).name;

describe('F29 the profile of a connection', () => {
  it.each<[string, ChosenSettings, string]>([
    ['default, unless somebody chose', {}, 'default'],
    ['that of the tenant', { profile: 'entra' }, 'entra'],
    ['its own before that of the tenant', { profile: 'entra', connectionProfiles: { c1: 'okta' } }, 'okta'],
    ['not that of another credential', { profile: 'entra', connectionProfiles: { c2: 'okta' } }, 'entra'],
  ])('is %s', (_, chosen, name) => expect(of(chosen)).toBe(name));

  it('is not found under a name that every object has', () => expect(of({}, 'constructor')).toBe('default'));

  it('says how requests are read', () =>
    expect(strictnessFor({ credentialId: 'c1', settings: effectiveSettings({ profile: 'rfc' }) })).toEqual(
      strictnessOf(profiles.rfc),
    ));
});
