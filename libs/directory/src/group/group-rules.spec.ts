import { describe, expect, it } from '@jest/globals';
import { groupSchema, type Attributes } from '#scim';
import { specify } from '#testing';
import type { GroupCommand, GroupEvent } from './group.js';
import { ruledGroupDecider, type RuledGroupCommand } from './group-rules.js';
import { claimsOfGroup } from './group-stream.js';
import type { GroupFacts } from './members.js';

const group = specify(ruledGroupDecider);
const facts: GroupFacts = { groupId: 'g', members: new Set(), complete: true, existing: new Map() };
const none = { kind: 'replace', members: [] } as const;
const guides: Attributes = { displayName: 'Guides', externalId: '7' };
const create: GroupCommand = { type: 'CreateGroup', data: { attributes: guides, members: none } };
const replace = (attributes: Attributes): GroupCommand => ({
  type: 'ReplaceGroup',
  data: { attributes, members: none, schema: groupSchema },
});
const rename = replace({ ...guides, displayName: 'Tours' });
const unique = (command: GroupCommand): RuledGroupCommand => ({ ...command, rules: { displayNameUnique: true } });
const created: GroupEvent = { type: 'GroupCreated', data: { attributes: guides } };
const createdUnique: GroupEvent = { type: 'GroupCreated', data: { attributes: guides, uniqueName: true } };
const renamed: GroupEvent = {
  type: 'GroupAttributesChanged',
  data: { changed: { displayName: 'Tours' }, paths: ['displayName'] },
};
const renamedUnique: GroupEvent = { type: 'GroupAttributesChanged', data: { ...renamed.data, uniqueName: true } };
const relinked: GroupEvent = {
  type: 'GroupAttributesChanged',
  data: { changed: { externalId: '8' }, paths: ['externalId'] },
};
const claims = (...past: GroupEvent[]) =>
  claimsOfGroup(past.reduce(ruledGroupDecider.evolve, ruledGroupDecider.initialState()));

describe('X21 unique names of groups, where a tenant asks for them', () => {
  it('a name given under the rule is marked, one given without it is not', () => {
    group.given().when(unique(create), facts).then(createdUnique);
    group.given().when(create, facts).then(created);
    group.given(created).when(unique(rename), facts).then(renamedUnique);
    group.given(createdUnique).when(rename, facts).then(renamed);
  });

  it('a change of something else marks nothing', () =>
    group
      .given(created)
      .when(unique(replace({ ...guides, externalId: '8' })), facts)
      .then(relinked));

  it.each<[string, readonly GroupEvent[], readonly string[]]>([
    ['as long as the group has it', [createdUnique], ['guides']],
    ['through changes of something else', [createdUnique, relinked], ['guides']],
    ['and moves with it', [createdUnique, renamedUnique], ['tours']],
    ['and ends when it is renamed without the rule', [createdUnique, renamed], []],
    ['and begins with a new name under it', [created, renamedUnique], ['tours']],
    ['not for a name given without the rule', [created, relinked], []],
    ['and ends with the group', [createdUnique, { type: 'GroupDeleted', data: {} }], []],
  ])('the claim on a marked name holds %s', (_, past, values) =>
    expect(claims(...past)).toEqual(values.map((value) => ({ kind: 'displayname', value }))),
  );
});
