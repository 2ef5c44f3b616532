import { expect, it } from '@jest/globals';
import { EventLogUnavailable } from '#event-sourcing';
import { untilInReach } from './until-in-reach.js';

const lost = () => Object.assign(new Error('terminating connection'), { code: '57P01' });

it('tries again until database and log answer, and tells once that it waits', async () => {
  const failures = [lost(), new EventLogUnavailable('no log')];
  const told: unknown[] = [];
  const work = async () => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    return 'started';
  };
  expect(await untilInReach(work, (error) => told.push(error))).toBe('started');
  expect(told).toEqual([lost()]);
});

it('throws what waiting does not mend', async () => {
  const wrong = async () => {
    throw new Error('no such table');
  };
  await expect(untilInReach(wrong, () => undefined)).rejects.toThrow('no such table');
});
