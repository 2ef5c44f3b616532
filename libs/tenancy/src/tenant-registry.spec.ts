import { beforeEach, expect, it } from '@jest/globals';
import { EventStore, InMemoryEventLog, SYSTEM_TENANT } from '#event-sourcing';
import { InMemorySealer, someMetadata } from '#testing';
import { tenancyEvents } from './tenancy-events.js';
import { TenantRegistry } from './tenant-registry.js';

const metadata = someMetadata();
let log: InMemoryEventLog;
let registry: TenantRegistry;
let ids = 0;

beforeEach(() => {
  log = new InMemoryEventLog();
  const store = new EventStore(
    log,
    new InMemorySealer(),
    tenancyEvents,
    () => `e${(ids += 1)}`,
    () => undefined,
  );
  registry = new TenantRegistry(store, () => new Date('2026-11-21T12:00:00Z'));
});

const registered = async (from?: number) => {
  const found = [];
  for await (const { tenantId } of registry.registered(from)) found.push(tenantId);
  return found;
};

it('a tenant stands in its own stream and in the list, by one append', async () => {
  await registry.create({ tenantId: 'acme', displayName: 'Acme' }, metadata);
  const [own] = await log.readStream('acme', 'control-acme');
  const [listed] = await log.readStream(SYSTEM_TENANT, 'control-system');
  expect(own).toMatchObject({ type: 'TenantCreated', data: { tenantId: 'acme', displayName: 'Acme' }, metadata });
  expect(listed).toMatchObject({ type: 'TenantRegistered', data: { tenantId: 'acme' }, metadata });
});

it('50 concurrent creates of one id make one tenant', async () => {
  const attempts = Array.from({ length: 50 }, () =>
    registry.create({ tenantId: 'acme', displayName: 'Acme' }, metadata),
  );
  const results = await Promise.allSettled(attempts);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'tenant-id-taken' });
  expect(await registered()).toEqual(['acme']);
});

it('an id that is none is refused before anything is written', async () => {
  await expect(registry.create({ tenantId: 'A+B', displayName: 'Acme' }, metadata)).rejects.toMatchObject({
    code: 'tenant-id-invalid',
  });
  expect(await log.heads()).toEqual(new Map());
});

it('lists tenants in the order they came, also from a revision on', async () => {
  for (const tenantId of ['b', 'a', 'c']) await registry.create({ tenantId, displayName: tenantId }, metadata);
  expect(await registered()).toEqual(['b', 'a', 'c']);
  expect(await registered(1)).toEqual(['a', 'c']);
});
