/**
 * `npm run fuzz -- [--seconds 600] [--seed n]`: mutated requests of identity providers, half of the time against the SCIM library in process,
 * half over HTTP against a running system. Looks for any error that is no ScimError, any 5xx, any hang over 2 s, and growth of memory.
 * A failure prints its seed and the smallest input that shows it; add that input to test/fuzz/corpus/ with the fix.
 */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { build, install, projectEnvironment, run } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
const numbers = { '--seconds': Number(values.seconds), '--seed': Number(values.seed) };
for (const [name, number] of Object.entries(numbers))
  if (!Number.isInteger(number) || number < 1) {
    console.error(`${name} must be a whole number above 0.`);
    process.exit(2);
  }

install();
build();
console.log(`Fuzzing for ${values.seconds} s with seed ${values.seed}.`);

const half = String(Math.ceil(numbers['--seconds'] / 2));
const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--runInBand', '--verbose'];
const rounds = [
  ['unit', 'test/fuzz/', half],
  ['e2e', 'test/e2e/fuzz', values.seconds], // of which the HTTP round takes its half
];
const ended = rounds.map(([project, path, seconds]) =>
  run('node', [...jest, `--selectProjects=${project}`, `--testPathPatterns=${path}`], {
    env: { ...projectEnvironment(), FUZZ_SECONDS: seconds, FUZZ_SEED: values.seed },
  }),
);
const failed = ended.some(({ status }) => status !== 0);
console.log(failed ? `Found something: seed ${values.seed}.` : `Nothing found with seed ${values.seed}.`);
process.exit(failed ? 1 : 0);
