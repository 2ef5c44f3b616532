import { describe, expect, it } from '@jest/globals';
import { parseFilter } from '../filter/filter-parser.js';
import { resolveFilter } from '../filter/filter-resolution.js';
import { ScimError } from '../messages/scim-error.js';
import { urns } from '../messages/urns.js';
import { parsePatchRequest } from '../patch/patch-request.js';
import { applyUserPatch } from '../patch/resource-patch.js';
import { groupSchema, userSchema } from '../schemas/core-schemas.js';
import { parseGroup, parseUser } from '../validation/resource-body.js';
import { profileNames, strictnessOf, type Proof, type Strictness, type Tolerance } from './profile.js';
import { profiles } from './profiles.js';

const babs = {
  active: true,
  attributes: {
    userName: 'bjensen',
    name: { givenName: 'Barbara', familyName: 'Jensen' },
    emails: [{ value: 'bjensen@example.com', type: 'work' }],
  },
};
const patchOp = (operations: readonly object[]) => ({ schemas: [urns.patchOp], Operations: operations });

/** What comes of a request, or the refusal. */
const outcome = (proof: Proof, strictness: Strictness): unknown => {
  try {
    if ('filter' in proof) return resolveFilter(parseFilter(proof.filter), userSchema, strictness);
    if ('patch' in proof)
      return applyUserPatch(babs, parsePatchRequest(patchOp(proof.patch), strictness), userSchema, strictness);
    return proof.resourceType === 'User'
      ? parseUser(proof.body, userSchema, strictness)
      : parseGroup(proof.body, groupSchema, strictness);
  } catch (error) {
    if (error instanceof ScimError) return { refused: `${error.status} ${error.scimType}` };
    throw error;
  }
};
const refused = (what: string) => ({ refused: `400 ${what}` });

const proofs = Object.values(profiles).flatMap((profile) =>
  (Object.entries(profile.tolerates) as [Tolerance, Proof][]).map(([tolerance, proof]) => ({
    profile,
    name: profile.name,
    tolerance,
    proof,
  })),
);
const all = strictnessOf(profiles.default);

describe('F29 a tolerance is there for the request that needs it', () => {
  it.each(proofs)('$name: $tolerance', ({ profile, tolerance, proof }) => {
    const { [tolerance]: _, ...others } = profile.tolerates;
    const understood = outcome(proof, strictnessOf(profile));
    expect(understood).not.toHaveProperty('refused');
    expect(outcome(proof, strictnessOf({ ...profile, tolerates: others }))).not.toEqual(understood);
  });

  it.each(proofs)('$name: default understands the request of $tolerance alike, without being told', (one) =>
    expect(outcome(one.proof, all)).toEqual(outcome(one.proof, strictnessOf(one.profile))),
  );
});

it('default is what no options at all come to', () =>
  expect(all).toEqual({
    strict: false,
    exactBooleans: false,
    pathRequired: false,
    partRequired: false,
    elementRequired: false,
    replacesWhole: false,
    unknownAttributes: 'no-value',
  }));

it('every profile is found under its own name', () =>
  expect(profileNames.map((name) => profiles[name].name)).toEqual(profileNames));

describe('the strict profiles refuse', () => {
  const rfc = strictnessOf(profiles.rfc);
  const interop = strictnessOf(profiles['interop-strict']);
  const user = (more: object): Proof => ({
    source: '',
    resourceType: 'User',
    body: { schemas: [urns.user], userName: 'bjensen', ...more },
  });
  const group = (more: object): Proof => ({
    source: '',
    resourceType: 'Group',
    body: { schemas: [urns.group], displayName: 'Guides', ...more },
  });
  const patch = (...operations: object[]): Proof => ({ source: '', patch: operations });
  const unknownSchema = { schemas: [urns.user, 'urn:nobody:knows'] };

  it.each<[string, Proof, string, string]>([
    ['X14 an unknown attribute', user({ colour: 'red' }), 'invalidSyntax', 'invalidSyntax'],
    ['X14 an unknown sub-attribute', user({ name: { nick: 'B' } }), 'invalidSyntax', 'invalidSyntax'],
    ['X14 an unknown schema', user(unknownSchema), 'invalidSyntax', 'invalidSyntax'],
    [
      'X14 an unknown part of a member',
      group({ members: [{ value: '1', colour: 'red' }] }),
      'invalidSyntax',
      'invalidSyntax',
    ],
    [
      'X14 R100 an unknown path',
      patch({ op: 'add', path: 'urn:nobody:knows:colour', value: 'red' }),
      'invalidPath',
      'invalidSyntax',
    ],
    [
      'R93 a value path that matches nothing',
      patch({ op: 'replace', path: 'emails[type eq "home"].value', value: 'x' }),
      'noTarget',
      'noTarget',
    ],
    ['R28 a boolean in quotation marks', user({ active: 'true' }), 'invalidValue', 'invalidValue'],
  ])('%s', (_, request, byRfc, byInterop) => {
    expect(outcome(request, all)).not.toHaveProperty('refused');
    expect(outcome(request, rfc)).toEqual(refused(byRfc));
    expect(outcome(request, interop)).toEqual(refused(byInterop));
  });

  it.each<[string, Proof, string]>([
    ['X16 an operation without a path', patch({ op: 'replace', value: { active: false } }), 'invalidSyntax'],
    [
      'X16 the path of a whole element',
      patch({ op: 'replace', path: 'emails[type eq "work"]', value: { value: 'x' } }),
      'invalidPath',
    ],
    ['X15 an unknown attribute in a filter', { source: '', filter: 'colour eq "red"' }, 'invalidFilter'],
  ])('interop-strict alone: %s', (_, request, scimType) => {
    expect(outcome(request, rfc)).not.toHaveProperty('refused');
    expect(outcome(request, interop)).toEqual(refused(scimType));
  });

  it('R92 interop-strict replaces a complex attribute whole, and adds to it in part', () => {
    const named = (op: string, strictness: Strictness) =>
      outcome(patch({ op, path: 'name', value: { givenName: 'Babs' } }), strictness);
    expect(named('replace', rfc)).toMatchObject({ attributes: { name: { givenName: 'Babs', familyName: 'Jensen' } } });
    expect(named('replace', interop)).toMatchObject({ attributes: { name: { givenName: 'Babs' } } });
    expect(named('replace', interop)).not.toMatchObject({ attributes: { name: { familyName: 'Jensen' } } });
    expect(named('add', interop)).toMatchObject({ attributes: { name: { givenName: 'Babs', familyName: 'Jensen' } } });
  });

  it('X16 interop-strict takes what the profile prescribes', () => {
    const operations = [
      { op: 'replace', path: 'name.givenName', value: 'Babs' },
      { op: 'add', path: 'active', value: false },
      { op: 'replace', path: 'emails[type eq "work"].value', value: 'b@example.com' },
      { op: 'add', path: 'emails', value: [{ value: 'c@example.com', type: 'home' }] },
      { op: 'remove', path: 'emails[type eq "home"]' },
    ];
    expect(outcome(patch(...operations), interop)).toMatchObject({
      active: false,
      attributes: { emails: [{ value: 'b@example.com', type: 'work' }] },
    });
  });
});
