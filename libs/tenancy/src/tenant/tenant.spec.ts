import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { specify } from '#testing';
import type { SettingsChange } from './settings-change.js';
import { defaultSettings, effectiveSettings } from './settings.js';
import { tenantDecider, type TenantCommand, type TenantEvent } from './tenant.js';

const tenant = specify(tenantDecider);
const created: TenantEvent = { type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme Inc.' } };
const renamed: TenantEvent = { type: 'TenantRenamed', data: { displayName: 'Acme' } };
const suspended: TenantEvent = { type: 'TenantSuspended', data: {} };
const resumed: TenantEvent = { type: 'TenantResumed', data: {} };
const offboarded: TenantEvent = { type: 'TenantOffboarded', data: {} };
const erased: TenantEvent = { type: 'TenantErased', data: {} };
const reinstated: TenantEvent = { type: 'TenantReinstated', data: { suspended: true } };
const kept = (erasesAt: string): TenantEvent => ({ type: 'TenantOffboarded', data: { erasesAt } });
const rate = (perSecond: number, burst: number): TenantEvent => ({
  type: 'TenantSettingsChanged',
  data: { settings: { rateLimit: { perSecond, burst } } },
});
const create = (tenantId: string, displayName = 'Acme Inc.'): TenantCommand => ({
  type: 'CreateTenant',
  data: { tenantId, displayName },
});
const change = (data: Extract<TenantCommand, { type: 'ChangeTenant' }>['data']): TenantCommand => ({
  type: 'ChangeTenant',
  data,
});
const offboard: TenantCommand = { type: 'OffboardTenant', data: {} };
const offboardUntil = (keptUntil: string): TenantCommand => ({ type: 'OffboardTenant', data: { keptUntil } });
const reinstate: TenantCommand = { type: 'ReinstateTenant', data: {} };
const eraseAt = (at: string): TenantCommand => ({ type: 'EraseTenant', data: { at } });
const [first, second, third] = ['2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z', '2026-12-03T00:00:00Z'] as const;

describe('creating', () => {
  it('records id and name, the name trimmed', () => tenant.given().when(create('acme', ' Acme Inc. ')).then(created));

  it.each(['a', '0', '-', 'a'.repeat(63), 'acme-2'])('takes the id %s', (id) =>
    tenant
      .given()
      .when(create(id))
      .then({ type: 'TenantCreated', data: { tenantId: id, displayName: 'Acme Inc.' } }),
  );

  it.each(['', 'a'.repeat(64), 'Acme', 'a_b', 'a.b', 'a+b', 'ä', 'a\n', '../x', '$system'])('refuses the id %j', (id) =>
    tenant.given().when(create(id)).thenRefused('tenant-id-invalid'),
  );

  it('refuses "system", whose control stream would be that of the operators', () =>
    tenant.given().when(create('system')).thenRefused('tenant-id-invalid'));

  it.each(['', '   ', 'a\u0000b', 'x'.repeat(201)])('refuses the name %j', (name) =>
    tenant.given().when(create('acme', name)).thenRefused('name-invalid'),
  );

  it.each([
    ['taken', [created]],
    ['off-boarded: ids are never used again', [created, offboarded]],
    ['erased', [created, offboarded, erased]],
  ])('refuses an id that is %s', (_, past) =>
    tenant
      .given(...past)
      .when(create('acme'))
      .thenRefused('tenant-id-taken'),
  );
});

describe('changing', () => {
  it('renamed, given a rate and suspended at once yields three facts', () =>
    tenant
      .given(created)
      .when(change({ displayName: 'Acme', suspended: true, settings: { rateLimit: { perSecond: 5, burst: 9 } } }))
      .then(renamed, rate(5, 9), suspended));

  it.each([
    ['created', [created], { displayName: 'Acme Inc.', suspended: false, settings: {} }],
    ['renamed', [created, renamed], { displayName: 'Acme' }],
    ['suspended', [created, suspended], { suspended: true }],
    ['resumed', [created, suspended, resumed], { suspended: false }],
    ['given a rate', [created, rate(5, 9)], { settings: { rateLimit: { perSecond: 5, burst: 9 } } }],
    ['at its defaults', [created], { settings: { rateLimit: null, displayNameUnique: null } }],
  ])('%s, then changed to what it is, records nothing', (_, past, data) =>
    tenant
      .given(...past)
      .when(change(data))
      .thenNothing(),
  );

  it('null takes a setting back to its default and leaves the others', () =>
    tenant
      .given(created, rate(5, 9))
      .when(change({ settings: { rateLimit: null, displayNameUnique: true } }))
      .then({ type: 'TenantSettingsChanged', data: { settings: { displayNameUnique: true } } }));

  it.each<[string, unknown]>([
    ['an unknown key', { colour: 'red' }],
    ['an inherited key', { constructor: 1 }],
    ['a rate of nought', { rateLimit: { perSecond: 0, burst: 9 } }],
    ['a fraction', { rateLimit: { perSecond: 1.5, burst: 9 } }],
    ['a burst below the rate', { rateLimit: { perSecond: 10, burst: 9 } }],
    ['an unknown part', { rateLimit: { perSecond: 1, burst: 9, more: 1 } }],
    ['a missing part', { rateLimit: { perSecond: 1 } }],
    ['another type', { displayNameUnique: 'yes' }],
    ['an unknown switch', { provisioning: { users: true } }],
    ['a switch that is none', { provisioning: { groups: 'off' } }],
    ['switches in a list', { provisioning: [] }],
    ['another delete policy', { deletePolicy: 'soft' }],
    ['a sub-attribute', { allowedAttributes: ['name.givenName'] }],
    ['one attribute that is no list', { allowedAttributes: 'name' }],
    ['a domain with an at sign', { verifiedDomains: ['@acme.example'] }],
    ['a domain of one part', { verifiedDomains: ['localhost'] }],
    ['half a user', { maxUsers: 0.5 }],
    ['fewer than none', { maxUsers: -1 }],
    ['an unknown profile', { profile: 'azure' }],
    ['an unknown profile of a connection', { connectionProfiles: { c1: 'azure' } }],
    ['a connection without an id', { connectionProfiles: { '': 'okta' } }],
  ])('refuses %s', (_, settings) =>
    tenant
      .given(created)
      .when(change({ settings: settings as SettingsChange }))
      .thenRefused('setting-invalid'),
  );

  it.each([[[]], [[created, offboarded]], [[created, offboarded, erased]]])(
    'refuses when there is no tenant (any more)',
    (past) =>
      tenant
        .given(...past)
        .when(change({ suspended: true }))
        .thenRefused('tenant-not-found'),
  );

  it('what is not set stands at its default', () =>
    expect(effectiveSettings({ displayNameUnique: true })).toEqual({
      ...defaultSettings,
      displayNameUnique: true,
    }));

  it.each<[string, SettingsChange]>([
    ['a switch, the others left alone', { provisioning: { groups: false } }],
    ['a delete policy', { deletePolicy: 'deactivate' }],
    ['attributes of core and extensions', { allowedAttributes: ['name', 'urn:acme:badges:User:level'] }],
    ['domains in any script', { verifiedDomains: ['acme.example', 'Sub.Acme.example', 'müller.example'] }],
    ['a most of users', { maxUsers: 0 }],
    ['days after which the deleted are erased', { eraseAfterDays: 30 }],
    ['a profile', { profile: 'interop-strict' }],
    ['a profile of one connection', { connectionProfiles: { c1: 'okta' } }],
  ])('takes %s', (_, settings) =>
    tenant
      .given(created)
      .when(change({ settings }))
      .then({ type: 'TenantSettingsChanged', data: { settings } } as TenantEvent),
  );

  it('a switch that is not set stands on', () =>
    expect(effectiveSettings({ provisioning: { groups: false } }).provisioning).toEqual({
      newUsers: true,
      profileUpdates: true,
      deactivation: true,
      groups: false,
      resources: true,
    }));
});

it('docs/tenant-settings.md has one row for each setting, with its default', () => {
  const path = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'tenant-settings.md');
  const rows = readFileSync(path, 'utf8').split('\n');
  for (const [name, value] of Object.entries(defaultSettings)) {
    const [row, ...more] = rows.filter((line) => line.startsWith(`| \`${name}\` |`));
    expect([name, more]).toEqual([name, []]);
    const shown = name === 'provisioning' ? 'true' : JSON.stringify(value);
    expect([name, row?.split('|')[2]?.includes(`\`${shown}\``)]).toEqual([name, true]);
  }
});

describe('off-boarding', () => {
  it('ends access and data, also of a suspended tenant', () => {
    tenant.given(created).when(offboard).then(offboarded, erased);
    tenant.given(created, suspended).when(offboard).then(offboarded, erased);
  });
  it('twice records nothing more', () => {
    tenant.given(created, offboarded, erased).when(offboard).thenNothing();
    tenant.given(created, offboarded, erased).when(offboardUntil(first)).thenNothing();
  });
  it('may keep the data for a while, which can be made longer and shorter', () => {
    tenant.given(created).when(offboardUntil(first)).then(kept(first));
    tenant.given(created, kept(first)).when(offboardUntil(first)).thenNothing();
    tenant.given(created, kept(first)).when(offboardUntil(third)).then(kept(third));
    tenant.given(created, kept(first)).when(offboard).then(erased);
  });
  it('erases the tenant when its time is over, and not before', () => {
    tenant.given(created, kept(second)).when(eraseAt(first)).thenNothing();
    tenant.given(created, kept(second)).when(eraseAt(second)).then(erased);
    tenant.given(created, kept(first), kept(third)).when(eraseAt(second)).thenNothing();
    tenant.given(created, offboarded).when(eraseAt(first)).then(erased); // of a release that kept no time
    tenant.given(created, suspended, kept(first), reinstated).when(eraseAt(second)).thenNothing();
    tenant.given(created, kept(first), erased).when(eraseAt(second)).thenNothing();
  });
  it('can be taken back until then, and the tenant is what it was', () => {
    tenant.given(created, suspended, kept(second)).when(reinstate).then(reinstated);
    tenant
      .given(created, renamed, suspended, kept(second), reinstated)
      .when(change({ suspended: false }))
      .then(resumed);
    tenant.given(created).when(reinstate).thenNothing();
    tenant.given(created, kept(second), erased).when(reinstate).thenRefused('tenant-erased');
    tenant.given().when(reinstate).thenRefused('tenant-not-found');
  });
  it('of a tenant that never was is refused', () => tenant.given().when(offboard).thenRefused('tenant-not-found'));
});

it('folds past an event from a newer release', () =>
  tenant
    .given(created, { type: 'TenantMoved', data: {} } as unknown as TenantEvent)
    .when(offboard)
    .then(offboarded, erased));
