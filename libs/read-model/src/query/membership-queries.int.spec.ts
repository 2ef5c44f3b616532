import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { created, createStage, groupCreated, membersAdded, type Stage } from '../read-model.fixture.js';
import { MembershipQueries } from './membership-queries.js';

const TENANT = 'nested';
let stage: Stage;
let memberships: MembershipQueries;

const groupsAdded = (...ids: readonly string[]) => ({
  type: 'GroupMembersAdded' as const,
  data: { members: ids.map((value) => ({ value, type: 'Group' as const })) },
});

beforeAll(async () => {
  stage = await createStage();
  memberships = new MembershipQueries(stage.newReader());
  await stage.append(TENANT, 'user', 'u1', created({ userName: 'ann', title: 'Guide' }));
  await stage.append(TENANT, 'user', 'u2', created({ userName: 'bob' }, false));
  await stage.append(TENANT, 'group', 'g1', groupCreated('Team'), membersAdded('u1'));
  await stage.append(TENANT, 'group', 'g2', groupCreated('Staff'), groupsAdded('g1', 'g4'));
  await stage.append(TENANT, 'group', 'g3', groupCreated('All'), groupsAdded('g2'), membersAdded('u1'));
  await stage.append(TENANT, 'group', 'g4', groupCreated('Circle'), groupsAdded('g2'));
  await stage.append(TENANT, 'group', 'g5', groupCreated('Gone'), membersAdded('u1', 'u2'));
  await stage.append(TENANT, 'group', 'g6', groupCreated('Through one gone'), groupsAdded('g5'));
  await stage.append(TENANT, 'group', 'g5', { type: 'GroupDeleted', data: {} });
  await stage.append('other', 'user', 'u1', created({ userName: 'ann' }));
  await stage.append('other', 'group', 'g9', groupCreated('Team'), membersAdded('u1'));
  await stage.project(TENANT);
  await stage.project('other');
});
afterAll(() => stage.close());

describe('the groups somebody is in', () => {
  it('are those above the direct ones too, each once, however they contain each other', async () =>
    expect(await memberships.ofUser(TENANT, 'u1')).toEqual({
      id: 'u1',
      attributes: { userName: 'ann', title: 'Guide' },
      active: true,
      groups: [
        { id: 'g1', displayName: 'Team', membership: 'direct' },
        { id: 'g2', displayName: 'Staff', membership: 'indirect' },
        { id: 'g3', displayName: 'All', membership: 'direct' },
        { id: 'g4', displayName: 'Circle', membership: 'indirect' },
      ],
    }));

  it('are none of a deleted group, nor of one above it', async () =>
    expect(await memberships.ofUser(TENANT, 'u2')).toMatchObject({ active: false, groups: [] }));

  it('are those of the own tenant', async () => {
    expect((await memberships.ofUser('other', 'u1'))?.groups.map(({ id }) => id)).toEqual(['g9']);
    expect(await memberships.ofUser('other', 'u2')).toBeUndefined();
    expect(await memberships.ofUser(TENANT, 'g1')).toBeUndefined();
  });
});
