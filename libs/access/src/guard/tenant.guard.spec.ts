import { expect, it } from '@jest/globals';
import type { ExecutionContext } from '@nestjs/common';
import { effectiveSettings } from '#tenancy';
import { badCredential } from '../access-denied.js';
import type { Authenticator, Caller } from './authenticator.js';
import { FailedCredentials } from './failed-credentials.js';
import { LastUse } from './last-use.js';
import { RateLimits } from './rate-limits.js';
import { callerIfAny, callerOf, TenantGuard } from './tenant.guard.js';

const caller: Caller = {
  actor: { kind: 'token', id: 't1' },
  tenant: {
    tenantId: 'acme',
    status: 'active',
    settings: effectiveSettings({ rateLimit: { perSecond: 1, burst: 3 } }),
    schemasRevision: 0,
  },
  scopes: ['scim'],
};
const callers: Readonly<Record<string, Caller>> = {
  good: caller,
  suspended: { ...caller, tenant: { ...caller.tenant, status: 'suspended' } },
  unscoped: { ...caller, scopes: [] },
};

const start = () => {
  const authenticator = {
    authenticate: async (credential: string) => {
      const found = callers[credential];
      if (found === undefined) throw badCredential();
      return found;
    },
  } as unknown as Authenticator;
  const written: unknown[] = [];
  const pool = {
    query: async (_: string, values: unknown) => void written.push(values),
  } as unknown as ConstructorParameters<typeof LastUse>[0];
  const lastUse = new LastUse(pool, () => undefined);
  const guard = new TenantGuard(
    authenticator,
    new RateLimits(() => 0),
    new FailedCredentials({ points: 2, duration: 60 }),
    lastUse,
  );
  return { guard, lastUse, written };
};

const request = (authorization: string | undefined, tenant = 'acme') => {
  const http = { headers: { authorization }, params: { tenant }, ip: '10.0.0.1' };
  return { switchToHttp: () => ({ getRequest: () => http }) } as unknown as ExecutionContext;
};

it('lets a good credential of the tenant in, with or without the word Bearer (C-O1), and says who calls', async () => {
  const { guard } = start();
  for (const header of ['Bearer good', 'good']) {
    const context = request(header);
    expect(await guard.canActivate(context)).toBe(true);
    expect(callerOf(context)).toBe(caller);
  }
});

it.each([
  ['no credential', undefined, 401],
  ['another scheme', 'Basic Z29vZA==', 401],
  ['an unknown credential', 'Bearer nonsense', 401],
  ['a suspended tenant', 'Bearer suspended', 403],
  ['no scope scim', 'Bearer unscoped', 403],
])('R11 R12 refuses %s', async (_, header, status) => {
  await expect(start().guard.canActivate(request(header))).rejects.toMatchObject({ status });
});

it.each([
  ['unscoped', 'acme', true],
  ['suspended', 'acme', true],
  ['good', 'globex', false],
  ['nonsense', 'acme', false],
])('F27 of who was refused it is known, within the tenant alone: %s', async (credential, tenant, isKnown) => {
  const context = request(`Bearer ${credential}`, tenant);
  await expect(start().guard.canActivate(context)).rejects.toThrow();
  expect(callerIfAny(context.switchToHttp().getRequest()) !== undefined).toBe(isKnown);
});

it('R125 a token on the URL of another tenant, real or not, is refused alike', async () => {
  const { guard } = start();
  const outcomes = await Promise.all(
    ['globex', 'no-such-tenant'].map((tenant) =>
      guard.canActivate(request('Bearer good', tenant)).catch((e: unknown) => e),
    ),
  );
  expect(outcomes[0]).toMatchObject({ status: 403 });
  expect(outcomes[1]).toEqual(outcomes[0]);
});

it('beyond its rate a credential is told to wait', async () => {
  const { guard } = start();
  for (let i = 0; i < 3; i += 1) await guard.canActivate(request('good'));
  await expect(guard.canActivate(request('good'))).rejects.toMatchObject({ status: 429 });
});

it('R19 an address that sends bad credentials is slowed down; good ones from it go on', async () => {
  const { guard } = start();
  for (const status of [401, 401, 429])
    await expect(guard.canActivate(request('Bearer nonsense'))).rejects.toMatchObject({ status });
  expect(await guard.canActivate(request('Bearer good'))).toBe(true);
});

it('notes the last use of a token once a minute, outside the request', async () => {
  const { guard, lastUse, written } = start();
  await guard.canActivate(request('good'));
  await guard.canActivate(request('good'));
  expect(written).toEqual([]);
  await lastUse.flush();
  await guard.canActivate(request('good'));
  await lastUse.flush();
  expect(written).toEqual([[['t1'], [expect.any(Date)]]]);
});

it('asking who calls on an unguarded route is a fault', () =>
  expect(() => callerOf(request('good'))).toThrow('not behind'));
