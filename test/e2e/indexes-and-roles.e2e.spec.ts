import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { send, TenantClient } from './clients.js';
import { startSystem, type RunningSystem } from './running-system.js';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const COST_CENTER = `${ENTERPRISE}:costCenter`;
const WITHIN_MS = 30_000;

let system: RunningSystem;
let tenant: TenantClient;

const admin = (method: string, path: string, body?: object) =>
  send(`${system.url}/admin/v1${path}`, {
    method,
    token: system.adminToken,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body }),
  });

const liveIndexes = async (): Promise<unknown> => {
  const { body } = await admin('GET', `/projections?tenant=${tenant.id}`);
  const items = (body as unknown as { items: readonly { status: string; indexedAttributes: readonly string[] }[] })
    .items;
  return items.find(({ status }) => status === 'live')?.indexedAttributes;
};

const untilIndexed = async (wanted: readonly string[]): Promise<void> => {
  const deadline = Date.now() + WITHIN_MS;
  while (JSON.stringify(await liveIndexes()) !== JSON.stringify(wanted) && Date.now() < deadline)
    await new Promise((again) => setTimeout(again, 50));
  expect(await liveIndexes()).toEqual(wanted);
};

const named = async (filter: string): Promise<readonly unknown[]> =>
  (await tenant.get(`/Users?filter=${encodeURIComponent(filter)}`)).body.Resources.map(({ userName }) => userName);

beforeAll(async () => {
  system = await startSystem('one process');
  tenant = await TenantClient.create(system);
}, 90_000);
afterAll(() => system.stop());

describe('attributes that a tenant has indexed', () => {
  it('are found before, while and after they are', async () => {
    await tenant.user('ann', { [ENTERPRISE]: { costCenter: 'CC1' }, title: 'Guide' });
    await tenant.user('bob', { [ENTERPRISE]: { costCenter: 'cc1' } });
    await tenant.user('cid', { [ENTERPRISE]: { costCenter: 'CC2' } });
    expect(await named(`${COST_CENTER} eq "cc1"`)).toEqual(['ann', 'bob']);
    const changed = await admin('PATCH', `/tenants/${tenant.id}`, {
      settings: { indexedAttributes: ['Title', COST_CENTER.toUpperCase()] },
    });
    expect(changed).toMatchObject({ status: 200, body: { settings: { indexedAttributes: ['title', COST_CENTER] } } });
    expect(await named(`${COST_CENTER} eq "cc1"`)).toEqual(['ann', 'bob']);
    await untilIndexed(['title', COST_CENTER]);
    expect(await named(`${COST_CENTER} eq "cc1"`)).toEqual(['ann', 'bob']);
    await tenant.user('dan', { [ENTERPRISE]: { costCenter: 'CC1' } });
    expect(await named(`${COST_CENTER} eq "cc1" or title eq "guide"`)).toEqual(['ann', 'bob', 'dan']);
    await admin('PATCH', `/tenants/${tenant.id}`, { settings: { indexedAttributes: null } });
    await untilIndexed([]);
    expect(await named(`${COST_CENTER} sw "cc"`)).toEqual(['ann', 'bob', 'cid', 'dan']);
  }, 120_000);

  it('are refused where they need no index', async () =>
    expect(
      await admin('PATCH', `/tenants/${tenant.id}`, { settings: { indexedAttributes: ['userName'] } }),
    ).toMatchObject({ status: 400, body: { error: { code: 'setting-invalid' } } }));
});

describe('F24 roles by group', () => {
  it('are told by the admin API, and never become roles that the identity provider sent', async () => {
    const id = await tenant.user('eve', { roles: [{ value: 'auditor' }] });
    await tenant.group('Owners', [id]);
    await admin('PATCH', `/tenants/${tenant.id}`, {
      settings: { groupRoles: [{ group: { displayName: 'owners' }, role: 'owner' }] },
    });
    const { body } = await tenant.get(`/Users/${id}`);
    expect(body).toMatchObject({ roles: [{ value: 'auditor' }] });
    expect((await tenant.send('PUT', `/Users/${id}`, body)).status).toBe(200);
    const roles = await admin('GET', `/tenants/${tenant.id}/resources/${id}/roles`);
    expect(roles).toMatchObject({
      status: 200,
      body: {
        roles: ['auditor', 'owner'],
        stored: [{ value: 'auditor' }],
        derived: [{ role: 'owner', group: { displayName: 'Owners', membership: 'direct' } }],
      },
    });
  });
});
