/**
 * `npm test`: everything that must hold before a change lands: formatting, lint, types, boundaries, then the unit, integration and end-to-end
 * suites on a PostgreSQL and a Kafka broker of their own. The last line is `N passed, N failed`.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, install, run } from './prepare.mjs';

const started = Date.now();
install();
build();

let passed = 0;
let failed = 0;

const check = (title, command, args) => {
  console.log(`\n▶ ${title}`);
  if (run(command, args).status === 0) passed += 1;
  else {
    failed += 1;
    console.log(`✗ ${title} failed`);
  }
};

check('formatting (prettier)', 'prettier', ['--check', '--log-level', 'warn', '.']);
check('lint (eslint, with types)', 'eslint', ['.', '--max-warnings', '0']);
check('types (tsc)', 'tsc', ['--noEmit']);
check('boundaries (dependency-cruiser)', 'depcruise', [
  'apps',
  'libs',
  '--config',
  '.dependency-cruiser.cjs',
  '--output-type',
  'err',
]);

const reports = mkdtempSync(join(tmpdir(), 'rollcall-test-'));
const suite = (project, title) => {
  console.log(`\n▶ ${title}`);
  const report = join(reports, `${project}.json`);
  const jest = ['--experimental-vm-modules', '--max-old-space-size=4096', 'node_modules/jest/bin/jest.js'];
  const flags = ['--selectProjects', project, '--json', `--outputFile=${report}`, '--ci'];
  const ended = run('node', [...jest, ...flags, ...(project === 'unit' ? [] : ['--runInBand'])], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numTotalTests } = JSON.parse(
      readFileSync(report, 'utf8'),
    );
    passed += numPassedTests;
    failed += numFailedTests + numRuntimeErrorTestSuites;
    const counted = numFailedTests + numRuntimeErrorTestSuites;
    if (numTotalTests === 0 || (ended.status !== 0 && counted === 0)) failed += 1; // a suite that ran nothing has not passed
  } catch {
    failed += 1;
    console.log(`✗ ${title} did not finish`);
  }
};

suite('unit', 'unit tests');
suite('integration', 'integration tests (PostgreSQL, Kafka)');
suite('e2e', 'end-to-end tests (the whole system over HTTP)');
rmSync(reports, { recursive: true, force: true });

console.log(`\nTook ${Math.round((Date.now() - started) / 1000)} s.`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
