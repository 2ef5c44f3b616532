import { afterEach, expect, it } from '@jest/globals';
import type { TakenRequest } from '#access';
import { Lease, LEASE_SECONDS, LeaseLost } from './lease.js';

const taken: TakenRequest = {
  tenantId: 'acme',
  txn: 'x',
  content: {},
  acceptedAt: new Date(0),
  leaseNumber: 1,
  attempts: 1,
};
let clock = 0;
let lease: Lease;
const leaseOf = (renew: () => Promise<boolean>) => (lease = new Lease(taken, { renew }, () => clock));
afterEach(() => lease.end());

it('is lost before another may take the request, unless it is renewed', async () => {
  leaseOf(async () => true).demand();
  clock += 20_000;
  await lease.renew();
  clock += 20_000;
  lease.demand();
  clock += LEASE_SECONDS * 1000 - 20_001;
  expect(() => lease.demand()).toThrow(LeaseLost);
});

it('is lost at once when another has taken the request, and not when the database does not answer', async () => {
  let answer = () => Promise.reject<boolean>(new Error('down'));
  leaseOf(() => answer());
  await lease.renew();
  lease.demand();
  answer = async () => false;
  await lease.renew();
  expect(() => lease.demand()).toThrow(LeaseLost);
});
