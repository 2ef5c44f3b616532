import { describe, expect, it } from '@jest/globals';
import { specify } from '#testing';
import { givenRoles, type GroupRole } from './group-roles.js';
import { tenantDecider, type TenantEvent } from './tenant.js';

const admins = { id: 'g1', displayName: 'Admins' };
const staff = { id: 'g2', displayName: 'Staff' };
const unnamed = { id: 'g3' };
const mapping: readonly GroupRole[] = [
  { group: { displayName: 'ADMINS' }, role: 'admin' },
  { group: { id: 'g1' }, role: 'user' },
  { group: { id: 'g2' }, role: 'user' },
  { group: { id: 'g1' }, role: 'admin' },
];
const roles = (...groups: readonly { id: string; displayName?: string }[]) =>
  givenRoles(mapping, groups).map(({ role, group }) => `${role} by ${group.id}`);

describe('F24 the roles that groups give', () => {
  it('are those of each mapped group, by its id or its name without case, each once', () => {
    expect(roles(staff, admins)).toEqual(['admin by g1', 'user by g1', 'user by g2']);
    expect(roles(unnamed)).toEqual([]);
    expect(roles()).toEqual([]);
  });

  it('follow the name of a group', () => {
    const renamed = { ...staff, displayName: 'admins' };
    expect(roles(renamed)).toEqual(['admin by g2', 'user by g2']);
  });
});

describe('F24 the setting groupRoles', () => {
  const created: TenantEvent = { type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme' } };
  const tenant = specify(tenantDecider);
  const set = (groupRoles: unknown) => ({
    type: 'ChangeTenant' as const,
    data: { settings: { groupRoles: groupRoles as readonly GroupRole[] } },
  });

  it('is a list of groups and roles', () =>
    tenant
      .given(created)
      .when(set(mapping))
      .then({ type: 'TenantSettingsChanged', data: { settings: { groupRoles: mapping } } }));

  it.each([
    ['no list', { group: { id: 'g1' }, role: 'admin' }],
    ['a group that is no object', [{ group: 'g1', role: 'admin' }]],
    ['a group named twice', [{ group: { id: 'g1', displayName: 'Admins' }, role: 'admin' }]],
    ['a group named in no known way', [{ group: { name: 'Admins' }, role: 'admin' }]],
    ['an empty name', [{ group: { displayName: '' }, role: 'admin' }]],
    ['no role', [{ group: { id: 'g1' } }]],
    ['an empty role', [{ group: { id: 'g1' }, role: '' }]],
    ['more than it knows', [{ group: { id: 'g1' }, role: 'admin', primary: true }]],
    ['too many', Array.from({ length: 101 }, () => ({ group: { id: 'g1' }, role: 'admin' }))],
  ])('is not %s', (_, groupRoles) => tenant.given(created).when(set(groupRoles)).thenRefused('setting-invalid'));
});
