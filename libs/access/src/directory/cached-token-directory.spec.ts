import { expect, it } from '@jest/globals';
import { effectiveSettings } from '#tenancy';
import { CachedTokenDirectory } from './cached-token-directory.js';
import { TokenDirectory, type KnownClient, type KnownScimToken, type KnownTenant } from './token-directory.js';

const tenant: KnownTenant = { tenantId: 'acme', status: 'active', settings: effectiveSettings({}), schemasRevision: 0 };

class Rows extends TokenDirectory {
  asked = 0;
  clients = new Map<string, KnownClient>();
  broken = false;

  async client(clientId: string): Promise<KnownClient | undefined> {
    this.asked += 1;
    if (this.broken) throw new Error('out of reach');
    return this.clients.get(clientId);
  }
  async scimToken(): Promise<KnownScimToken | undefined> {
    this.asked += 1;
    return undefined;
  }
  async tenant(): Promise<KnownTenant | undefined> {
    this.asked += 1;
    return tenant;
  }
}

const start = () => {
  const rows = new Rows();
  const clock = { now: 0 };
  const cached = new CachedTokenDirectory(rows, { maxAgeMs: 2000, capacity: 10, monotonicMs: () => clock.now });
  rows.clients.set('c1', { clientId: 'c1', enabled: true, revoked: new Set(), tenant });
  return { rows, clock, cached };
};

it('asks once a moment, whoever asks', async () => {
  const { rows, clock, cached } = start();
  await Promise.all([cached.client('c1'), cached.client('c1')]);
  clock.now = 1999;
  await cached.client('c1');
  expect(rows.asked).toBe(1);
});

it('what changed is known within the age an answer may have', async () => {
  const { rows, clock, cached } = start();
  await cached.client('c1');
  rows.clients.set('c1', { clientId: 'c1', enabled: false, revoked: new Set(), tenant });
  clock.now = 2000;
  expect(await cached.client('c1')).toMatchObject({ enabled: false });
});

it('a flood of one unknown id costs one look-up', async () => {
  const { rows, cached } = start();
  for (let i = 0; i < 100; i += 1) expect(await cached.client('nobody')).toBeUndefined();
  expect(rows.asked).toBe(1);
});

it('keeps tokens, clients and tenants of one name apart', async () => {
  const { cached } = start();
  expect(await cached.scimToken('c1')).toBeUndefined();
  expect(await cached.client('c1')).toMatchObject({ clientId: 'c1' });
  expect(await cached.tenant('c1')).toBe(tenant);
});

it('a failure is no answer: the next one asks again', async () => {
  const { rows, cached } = start();
  rows.broken = true;
  await expect(cached.client('c1')).rejects.toThrow('out of reach');
  rows.broken = false;
  expect(await cached.client('c1')).toMatchObject({ clientId: 'c1' });
});
