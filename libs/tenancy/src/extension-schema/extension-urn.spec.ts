import { describe, expect, it } from '@jest/globals';
import { urns } from '#scim';
import { checkedExtensionUrn } from './extension-urn.js';

const check =
  (urn: string, others: readonly string[] = []) =>
  () =>
    checkedExtensionUrn(urn, others);
const refused = (code: string) => expect.objectContaining({ code });

describe('the URN of an extension', () => {
  it.each(['urn:acme:badges', 'urn:ietf:params:scim:schemas:extension:acme:2.0:User', 'URN:Acme-Corp:scim_1.0:User'])(
    '%s is taken',
    (urn) => expect(check(urn)()).toBe(urn),
  );

  it.each([
    ['is no URN', 'https://acme.example/schema'],
    ['is empty', ''],
    ['has an empty part', 'urn:acme::User'],
    ['ends in a colon', 'urn:acme:User:'],
    ['holds what no path can name', 'urn:acme:us er'],
    ['is too long', `urn:acme:${'x'.repeat(200)}`],
    ['is the core schema of users', urns.user],
    ['is the enterprise extension, in other letters', urns.enterpriseUser.toUpperCase()],
    ['is that of a message', 'urn:ietf:params:scim:api:messages:2.0:Mine'],
    ['is that of another core resource', 'urn:ietf:params:scim:schemas:core:2.0:Device'],
  ])('is refused when it %s', (_, urn) => expect(check(urn)).toThrow(refused('schema-urn-invalid')));

  it.each([
    ['urn:acme:a:b', ['urn:acme:a']],
    ['urn:acme:a', ['urn:Acme:A:b']],
    [`${urns.enterpriseUser}:manager`, []],
  ])('%s is refused beside %j: one name could mean either', (urn, others) =>
    expect(check(urn, others)).toThrow(refused('schema-urn-taken')),
  );

  it('may begin with the letters of another', () =>
    expect(check('urn:acme:users', ['urn:acme:user'])()).toBe('urn:acme:users'));
});
