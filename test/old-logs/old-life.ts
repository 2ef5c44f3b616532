import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send, TenantClient, times, USER } from '../e2e/clients.js';
import { rollcall } from '../e2e/operator-commands.js';
import type { RunningSystem } from '../e2e/running-system.js';

const URN = 'urn:example:params:scim:schemas:acme:1.0:User';

type Admin = (method: string, path: string, body?: unknown) => ReturnType<typeof send>;

/** What a log that is kept should hold: every event type there is, and shapes that are easily forgotten. Returns the tenants that are left. */
export const live = async (system: RunningSystem): Promise<readonly TenantClient[]> => {
  const admin: Admin = (method, path, body) =>
    send(`${system.url}/admin/v1${path}`, {
      method,
      token: system.adminToken,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body }),
    });
  const settings = { rateLimit: { perSecond: 100_000, burst: 100_000 }, displayNameUnique: true };
  const acme = await TenantClient.create(system, settings);
  const copy = await TenantClient.create(system);
  const gone = await TenantClient.create(system);
  await control(admin, acme.id);
  await users(admin, acme);
  await groups(acme);
  await imported(system, acme.id, copy.id);
  await gone.user('gone');
  await admin('DELETE', `/tenants/${gone.id}`);
  return [acme, copy];
};

const control = async (admin: Admin, id: string): Promise<void> => {
  const tenant = `/tenants/${id}`;
  for (const body of [{ displayName: 'Acme' }, { suspended: true }, { suspended: false }])
    await admin('PATCH', tenant, body);
  for (const urn of [URN, `${URN.replace('acme', 'gone')}`])
    await admin('PUT', `${tenant}/schemas/${urn}`, {
      attributes: [{ name: 'shift' }, { name: 'level', type: 'integer' }],
    });
  await admin('DELETE', `${tenant}/schemas/${URN.replace('acme', 'gone')}`);
  const token = await admin('POST', `${tenant}/tokens`, { name: 'old', expiresInDays: 1 });
  await admin('DELETE', `${tenant}/tokens/${token.body.id}`);
  const { body } = await admin('POST', `${tenant}/clients`, { name: 'entra', grantTypes: ['client_credentials'] });
  const client = `${tenant}/clients/${String(body['clientId'])}`;
  for (const change of [{ name: 'Entra' }, { enabled: false }, { enabled: true }]) await admin('PATCH', client, change);
  const secret = await admin('POST', `${client}/secrets`, { expiresInDays: 30 });
  await admin('DELETE', `${client}/secrets/${secret.body.id}`);
  await admin('DELETE', client);
};

const users = async (admin: Admin, tenant: TenantClient): Promise<void> => {
  const whole = {
    schemas: [USER, URN],
    externalId: '701984',
    name: { givenName: 'Bärbel', familyName: 'Jensen-Lee \u2028 𝄞' },
    emails: [
      { value: 'bjensen@acme.example', type: 'work', primary: true },
      { value: 'babs@home.example', type: 'home' },
    ],
    [URN]: { shift: 'early', level: 3 },
  };
  const id = await tenant.user('bjensen', whole);
  await tenant.patch(`/Users/${id}`, [
    { op: 'replace', path: 'userName', value: 'babs' },
    { op: 'remove', path: 'emails[type eq "home"]' },
    { op: 'add', path: `${URN}:shift`, value: 'late' },
  ]);
  await tenant.user('bjensen');
  for (const value of [false, true]) await tenant.patch(`/Users/${id}`, [{ op: 'replace', path: 'active', value }]);
  await tenant.patch(`/Users/${await tenant.user('suspended')}`, [{ op: 'replace', path: 'active', value: false }]);
  const erased = await tenant.user('perpetua', { displayName: 'Perpetua' });
  await tenant.patch(`/Users/${erased}`, [{ op: 'add', path: 'title', value: 'Guide' }]);
  await admin('POST', `/tenants/${tenant.id}/resources/${erased}/erasure`, { force: true });
};

const groups = async (tenant: TenantClient): Promise<void> => {
  const ids = await Promise.all(times(12).map((n) => tenant.user(`member${n}`)));
  const [deleted = '', left = ''] = ids;
  const guides = await tenant.group('Guides', ids);
  await tenant.group('Everybody', [guides, ...ids.slice(3)]);
  await tenant.patch(`/Groups/${guides}`, [{ op: 'replace', path: 'displayName', value: 'Tour guides' }]);
  await tenant.patch(`/Groups/${guides}`, [{ op: 'remove', path: `members[value eq "${left}"]` }]);
  await tenant.send('DELETE', `/Users/${deleted}`);
  await tenant.send('DELETE', `/Groups/${await tenant.group('Gone', ids.slice(3, 6))}`);
};

/** A directory that came in from elsewhere. */
const imported = async (system: RunningSystem, from: string, to: string): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-old-log-'));
  const file = join(folder, 'export.ndjson');
  await rollcall(system, 'export', '--tenant', from, '--out', file);
  await rollcall(system, 'import', '--tenant', to, '--in', file);
  await rm(folder, { recursive: true });
};
