/**
 * `npm run test:chaos -- [--rounds 10] [--seed n] [--seconds 30]`: clients of 20 tenants write through two of each service while auth, scim-api,
 * projectors, publishers, Kafka and PostgreSQL are killed (SIGKILL), paused (SIGSTOP), robbed of their leases and cut off, commits to Kafka lose
 * request or answer, and pools run full; after each round every promise is checked. On a slow machine faults wait for work between them.
 * Round k runs with seed + k - 1: `--rounds 1 --seed <its seed>` repeats tenants, requests and schedule of a failing one.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { build, install, projectEnvironment, run } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    seconds: { type: 'string', default: '30' },
  },
});
for (const [name, value] of Object.entries(values))
  if (!Number.isInteger(Number(value)) || Number(value) < 1) {
    console.error(`--${name} must be a whole number above 0.`);
    process.exit(2);
  }

install();
build();
console.log(`${values.rounds} rounds of ${values.seconds} s from seed ${values.seed}.`);

const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--runInBand', '--verbose'];
const { status } = run('node', [...jest, '--selectProjects=e2e', '--testPathPatterns=test/e2e/chaos'], {
  env: {
    ...projectEnvironment(),
    CHAOS_ROUNDS: values.rounds,
    CHAOS_SEED: values.seed,
    CHAOS_SECONDS: values.seconds,
  },
});
process.exit(status ?? 1);
