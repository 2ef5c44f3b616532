import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { urns } from '../messages/urns.js';
import { applyDiff, diffAttributes } from './attribute-diff.js';
import { sameValue } from './equality.js';
import type { Attributes, ScimValue } from './scim-value.js';

const enterprise = urns.enterpriseUser;

describe('what changed between two versions of a resource', () => {
  it('names paths down to the sub-attribute, and lists whole', () =>
    expect(
      diffAttributes(
        {
          userName: 'a',
          title: 'T',
          name: { givenName: 'A', familyName: 'B' },
          emails: [{ value: 'x' }],
          [enterprise]: { department: 'Sales', manager: { value: 'm' } },
        },
        {
          userName: 'b',
          name: { givenName: 'A', middleName: 'C' },
          emails: [{ value: 'x' }, { value: 'y' }],
          [enterprise]: { department: 'R&D' },
        },
      ),
    ).toEqual({
      userName: 'b',
      title: null,
      'name.familyName': null,
      'name.middleName': 'C',
      emails: [{ value: 'x' }, { value: 'y' }],
      [`${enterprise}:department`]: 'R&D',
      [`${enterprise}:manager.value`]: null,
    }));

  it('is empty where only the order of values or members differs', () =>
    expect(
      diffAttributes(
        { a: 'x', roles: [{ value: '1', type: 't' }, { value: '2' }] },
        { roles: [{ value: '2' }, { type: 't', value: '1' }], a: 'x' },
      ),
    ).toEqual({}));

  it('drops a container with its last attribute', () =>
    expect(
      applyDiff(
        { userName: 'a', [enterprise]: { manager: { value: 'm' } } },
        { [`${enterprise}:manager.value`]: null },
      ),
    ).toEqual({
      userName: 'a',
    }));

  const simple = fc.oneof(fc.string({ minLength: 1 }), fc.integer(), fc.boolean());
  const part = fc.constantFrom('value', 'type', '$ref', 'constructor', 'a-b_1');
  const complex = fc.dictionary(part, simple, { minKeys: 1, maxKeys: 4 });
  const list: fc.Arbitrary<ScimValue> = fc.oneof(
    fc.array(complex, { minLength: 1, maxLength: 3 }),
    fc.array(simple, { minLength: 1, maxLength: 3 }),
  );
  // An attribute keeps its kind from one version to the next, as a schema demands.
  const container = fc.record(
    { title: simple, hasOwnProperty: simple, name: complex, emails: list },
    { requiredKeys: [], noNullPrototype: true },
  );
  const document: fc.Arbitrary<Attributes> = fc
    .tuple(
      container,
      fc.record(
        { [enterprise]: container, 'urn:example:x.y:2.0:User': container },
        { requiredKeys: [], noNullPrototype: true },
      ),
    )
    .map(([core, extensions]) => ({
      ...core,
      ...Object.fromEntries(Object.entries(extensions).filter(([, value]) => Object.keys(value).length > 0)),
    }));

  it('applied to the former version gives the latter', () =>
    fc.assert(
      fc.property(document, document, (before, after) => {
        const frozen = structuredClone(before);
        const changes = diffAttributes(before, after);
        expect(sameValue(applyDiff(before, changes), after)).toBe(true);
        expect(Object.keys(changes).length === 0).toBe(sameValue(before, after));
        expect(before).toEqual(frozen);
      }),
      { numRuns: 500 },
    ));
});
