import { expect, it } from '@jest/globals';
import { planFaults, targets } from './schedule.js';

it('one seed gives one schedule, another seed another', () => {
  expect(planFaults(7, 30_000)).toEqual(planFaults(7, 30_000));
  expect(planFaults(8, 30_000)).not.toEqual(planFaults(7, 30_000));
});

it('every schedule kills every process once at least, in order of time', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const faults = planFaults(seed, 20_000);
    expect(new Set(faults.filter(({ kind }) => kind === 'kill').map(({ target }) => target))).toEqual(new Set(targets));
    expect(faults.map(({ atMs }) => atMs)).toEqual(faults.map(({ atMs }) => atMs).sort((a, b) => a - b));
  }
});
