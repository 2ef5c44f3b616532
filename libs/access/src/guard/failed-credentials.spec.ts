import { expect, it } from '@jest/globals';
import { FailedCredentials } from './failed-credentials.js';

it('R19 an address that guesses on and on is told to wait; others are not', async () => {
  const failures = new FailedCredentials({ points: 3, duration: 60 });
  for (let i = 0; i < 3; i += 1) await failures.count('10.0.0.1');
  await expect(failures.count('10.0.0.1')).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '30' } });
  await expect(failures.count('10.0.0.2')).resolves.toBeUndefined();
});
