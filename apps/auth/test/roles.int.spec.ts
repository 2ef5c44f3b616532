import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startDirectoryAdmin } from './directory-admin.js';

let scene: Awaited<ReturnType<typeof startDirectoryAdmin>>;
beforeAll(async () => {
  scene = await startDirectoryAdmin();
}, 60_000);
afterAll(() => scene.close());

const map = (groupRoles: readonly object[] | null) =>
  scene.admin('PATCH', '/tenants/acme', { body: { settings: { groupRoles } } });
const rolesOf = async (id: string) => {
  await scene.project();
  return scene.admin('GET', `/tenants/acme/resources/${id}/roles`);
};

describe('F24 roles of a user', () => {
  it('are those that the identity provider wrote and those that groups give, each with where it comes from', async () => {
    const written = [{ value: 'auditor', primary: true }, { value: 'user' }];
    const id = await scene.newUser('ann', { roles: written });
    const team = await scene.newGroup('Team', [id]);
    const admins = await scene.newGroup('Admins', [team]);
    expect(await rolesOf(id)).toEqual({
      status: 200,
      body: { id, active: true, roles: ['auditor', 'user'], stored: written, derived: [] },
    });
    await map([
      { group: { displayName: 'admins' }, role: 'admin' },
      { group: { id: team }, role: 'user' },
    ]);
    expect((await rolesOf(id)).body).toEqual({
      id,
      active: true,
      roles: ['admin', 'auditor', 'user'],
      stored: written,
      derived: [
        { role: 'admin', group: { id: admins, displayName: 'Admins', membership: 'indirect' } },
        { role: 'user', group: { id: team, displayName: 'Team', membership: 'direct' } },
      ],
    });
    await map(null);
    expect((await rolesOf(id)).body).toMatchObject({ roles: ['auditor', 'user'], derived: [] });
  });

  it('go with the membership', async () => {
    const id = await scene.newUser('bob');
    const group = await scene.newGroup('Operators', [id]);
    await map([{ group: { id: group }, role: 'operator' }]);
    expect((await rolesOf(id)).body).toMatchObject({ roles: ['operator'] });
    await scene.runGroup(group, { type: 'DeleteGroup', data: {} });
    expect((await rolesOf(id)).body).toMatchObject({ roles: [] });
  });

  it('are asked of users of the tenant', async () => {
    const id = await scene.newUser('cid');
    const group = await scene.newGroup('Others', [id]);
    await scene.project();
    await scene.project('globex');
    const refused = (path: string) => scene.refusal('GET', path);
    expect(await refused(`/tenants/acme/resources/${group}/roles`)).toEqual([404, 'resource-not-found']);
    expect(await refused(`/tenants/globex/resources/${id}/roles`)).toEqual([404, 'resource-not-found']);
    expect(await refused(`/tenants/nobody/resources/${id}/roles`)).toEqual([404, 'tenant-not-found']);
  });

  it('wait for a read model that is behind no longer than reads do', async () => {
    const id = await scene.newUser('dan');
    const response = await scene.ask('GET', `/tenants/acme/resources/${id}/roles`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
  }, 30_000);
});
