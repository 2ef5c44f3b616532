import { describe, expect, it } from '@jest/globals';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { attribute } from '../schemas/attribute-definition.js';
import { groupSchema, userSchema } from '../schemas/core-schemas.js';
import { compileResourceSchema } from '../schemas/resource-schema.js';
import { userResourceType } from '../schemas/resource-types.js';
import { userSchemaDefinition } from '../schemas/user-schema.js';
import { matches } from './filter-evaluation.js';
import { parseFilter } from './filter-parser.js';
import { resolveFilter } from './filter-resolution.js';
import type { ResolveOptions } from './filter-resolution.js';

const babs = {
  schemas: [urns.user, urns.enterpriseUser],
  id: '2819c223-7f76-453a-919d-413861904646',
  externalId: 'Babs-1',
  userName: 'BJensen@example.com',
  displayName: 'Ünïcode Åsa',
  nickName: '😀',
  name: { givenName: 'Barbara', familyName: "O'Malley" },
  active: true,
  emails: [
    { type: 'work', value: 'Babs@Work.example', primary: true },
    { type: 'home', value: 'babs@home.example' },
  ],
  meta: { resourceType: 'User', created: '2026-01-31T10:00:00+02:00', lastModified: '2026-02-01T00:00:00.250Z' },
  [urns.enterpriseUser]: { department: 'Sales', manager: { value: 'boss-1' } },
};

const finds = (filter: string, options?: ResolveOptions): boolean =>
  matches(resolveFilter(parseFilter(filter), userSchema, options), babs);

const refusal = (filter: string, options?: ResolveOptions): string => {
  try {
    finds(filter, options);
  } catch (error) {
    if (error instanceof ScimError && error.scimType === 'invalidFilter' && error.status === 400) return error.detail;
    throw error;
  }
  throw new Error(`The filter was accepted: ${filter}`);
};

describe('RFC 7644 §3.4.2.2: what a filter means', () => {
  it.each([
    ['R59 userName without case', 'userName eq "bjensen@EXAMPLE.com"', true],
    ['R59 externalId with case', 'externalId eq "babs-1"', false],
    ['R59 externalId exactly', 'externalId eq "Babs-1"', true],
    ['R17 decomposed accents', 'displayName sw "U\u0308NI\u0308"', true],
    ['R59 strings in order', 'userName gt "b" and userName lt "C"', true],
    ['R68 strings by code point', 'nickName gt "\\ufb50"', true],
    ['R59 instants across offsets', 'meta.created eq "2026-01-31T08:00:00Z"', true],
    ['R59 instants in order', 'meta.lastModified gt "2026-02-01T00:00:00.1Z"', true],
    ['R61 any value', 'emails.value eq "babs@home.example"', true],
    ['R61 emails co tests the value', 'emails co "@home"', true],
    ['R61 both on the same value', 'emails[type eq "work" and value co "@home"]', false],
    ['R61 both on some value each', 'emails.type eq "work" and emails.value co "@home"', true],
    ['R61 ne is met by any other value', 'emails.type ne "work"', true],
    ['R62 a sub-attribute', `name.familyName eq "o'malley"`, true],
    ['R62 the name with its schema', 'urn:ietf:params:scim:schemas:core:2.0:User:userName sw "bjen"', true],
    ['R62 a URN in another case', 'URN:IETF:params:scim:schemas:core:2.0:user:USERNAME sw "bjen"', true],
    ['R62 an extension', `${urns.enterpriseUser}:department eq "sales"`, true],
    ['R62 deep in an extension', `${urns.enterpriseUser}:manager.value eq "boss-1"`, true],
    ['C-E2 manager by its id', `${urns.enterpriseUser}:manager eq "boss-1"`, true],
    ['R63 pr of a complex attribute', 'name pr', true],
    ['R63 pr of an unassigned attribute', 'title pr', false],
    ['R63 pr of an extension', `${urns.enterpriseUser} pr`, true],
    ['R63 eq null', 'title eq null', true],
    ['R63 ne null', 'title ne null', false],
    ['R63 ne on unassigned', 'title ne "x"', true],
    ['R63 eq on unassigned', 'title eq "x"', false],
    ['R63 gt on unassigned', 'title gt "x"', false],
    ['R65 booleans', 'active eq true', true],
    ['R65 booleans, ne', 'active ne true', false],
    ['C-E10 a quoted boolean', 'emails[primary eq "True"].value sw "babs@work"', true],
    ['R66 schemas', `schemas eq "${urns.enterpriseUser}"`, true],
    ['C-E2 the work e-mail of Entra', 'emails[type eq "work"].value eq "babs@work.example"', true],
    ['not', 'not (userName sw "bjensen")', false],
    ['R57 precedence', 'title pr or active eq true and name.givenName eq "Barbara"', true],
    ['ew', 'userName ew ".COM"', true],
    ['id with case', 'id eq "2819C223-7f76-453a-919d-413861904646"', false],
    ['R53 an unknown attribute has no value', 'shoeSize eq 12', false],
    ['R53 nor is it present', 'shoeSize pr', false],
    ['R53 which ne and eq null notice', 'shoeSize ne 12 and shoeSize eq null', true],
    ['R53 nor a value path on it', 'shoes[size eq 12]', false],
  ])('%s: %s', (_, filter, expected) => expect(finds(filter)).toBe(expected));

  it.each([
    ['R60 order of booleans', 'active gt true', 'cannot be used'],
    ['R60 order of binaries', 'x509Certificates.value ge "aGk="', 'cannot be used'],
    ['substrings of booleans', 'active co "tr"', 'cannot be used'],
    ['substrings of instants', 'meta.created sw "2026"', 'cannot be used'],
    ['a boolean against a word', 'active eq "yes"', 'true or false'],
    ['a string against a number', 'userName eq 12', 'a string'],
    ['an instant that is none', 'meta.created gt "yesterday"', 'a date with time'],
    ['a complex attribute without value', 'name eq "x"', 'givenName'],
    ['order against null', 'title gt null', 'null'],
    ['R66 the password', 'password sw "a"', 'cannot be used'],
    ['R66 whether there is a password', 'password pr', 'cannot be used'],
    ['brackets after a simple attribute', 'userName[value eq "x"]', 'brackets'],
    ['a schema instead of an attribute', `${urns.enterpriseUser} eq "x"`, 'only "pr"'],
  ])('refuses %s: %s', (_, filter, expected) => expect(refusal(filter)).toContain(expected));

  it('X15 refuses unknown attributes on request', () => {
    expect(refusal('shoeSize eq 12', { unknownAttributes: 'refuse' })).toContain('shoeSize');
    expect(refusal('emails[size eq 12]', { unknownAttributes: 'refuse' })).toContain('size');
    expect(refusal('shoes[size eq 12]', { unknownAttributes: 'refuse' })).toContain('shoes');
  });

  it('R53 X15 what another type of the same query knows is not refused, save inside brackets', () => {
    const options = { unknownAttributes: 'refuse', alongside: [userSchema, groupSchema] } as const;
    expect(matches(resolveFilter(parseFilter('members pr or userName pr'), userSchema, options), babs)).toBe(true);
    expect(matches(resolveFilter(parseFilter('members[value eq "x"]'), userSchema, options), babs)).toBe(false);
    expect(refusal('shoeSize eq 12', options)).toContain('shoeSize');
    expect(refusal('shoes[size eq 12]', options)).toContain('shoes');
    expect(refusal('emails[userName eq "x"]', options)).toContain('userName');
  });

  it('R28 compares numbers and plain lists of a custom schema', () => {
    const urn = 'urn:example:acme:2.0:Badge';
    const badge = {
      id: urn,
      name: 'Badge',
      description: 'Badge',
      attributes: [
        attribute('level', 'Level', { type: 'integer' }),
        attribute('doors', 'Doors', { multiValued: true, caseExact: true }),
      ],
    };
    const schema = compileResourceSchema(
      { ...userResourceType, schemaExtensions: [{ schema: urn, required: false }] },
      [userSchemaDefinition, badge],
    );
    const resource = { userName: 'a', [urn]: { level: 7, doors: ['A1', 'B2'] } };
    const holds = (filter: string) => matches(resolveFilter(parseFilter(filter), schema), resource);
    expect(holds(`${urn}:level ge 7 and ${urn}:level lt 7.5`)).toBe(true);
    expect(holds(`${urn}:doors eq "B2"`)).toBe(true);
    expect(holds(`${urn}:doors eq "b2"`)).toBe(false);
    expect(() => holds(`${urn}:level co "7"`)).toThrow(ScimError);
  });
});
