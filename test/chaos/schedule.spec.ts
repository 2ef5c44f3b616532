import { expect, it } from '@jest/globals';
import { planFaults, targets } from './schedule.js';

it('one seed gives one schedule, another seed another', () => {
  expect(planFaults(7, 30_000)).toEqual(planFaults(7, 30_000));
  expect(planFaults(8, 30_000)).not.toEqual(planFaults(7, 30_000));
});

it('every schedule kills every process and does each other thing once at least, in order of time', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const faults = planFaults(seed, 12_000);
    expect(new Set(faults.filter(({ kind }) => kind === 'kill').map(({ target }) => target))).toEqual(new Set(targets));
    expect(new Set(faults.map(({ kind }) => kind)).size).toBe(8);
    expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
  }
});
