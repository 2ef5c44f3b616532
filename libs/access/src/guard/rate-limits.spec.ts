import { expect, it } from '@jest/globals';
import { effectiveSettings } from '#tenancy';
import type { Caller } from './authenticator.js';
import { RateLimits } from './rate-limits.js';

const caller = (tenantId: string, id: string): Caller => ({
  actor: { kind: 'token', id },
  tenant: {
    tenantId,
    status: 'active',
    settings: effectiveSettings({ rateLimit: { perSecond: 1, burst: 2 } }),
    schemasRevision: 0,
  },
  scopes: ['scim'],
});

it('counts each credential of each tenant for itself', () => {
  const rates = new RateLimits(() => 0);
  for (const one of [caller('a', 't1'), caller('a', 't2'), caller('b', 't1')]) {
    rates.admit(one);
    rates.admit(one);
    expect(() => rates.admit(one)).toThrow(expect.objectContaining({ status: 429, headers: { 'retry-after': '1' } }));
  }
});

it('Retry-After is a whole number from 1 to 30, however deep the debt', () => {
  const rates = new RateLimits(() => 0);
  rates.admit(caller('a', 't1'));
  rates.charge(caller('a', 't1'), 10_000);
  expect(() => rates.admit(caller('a', 't1'))).toThrow(expect.objectContaining({ headers: { 'retry-after': '30' } }));
});
