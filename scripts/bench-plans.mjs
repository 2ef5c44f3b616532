/** `npm run bench:plans`: installs and builds what is missing, then plans and times every common look-up in a tenant of 1,000,000 users. */
import { build, install, run } from './prepare.mjs';

install();
build();
// The look-ups and the large tenant are those of the specs, which the build of the services leaves out.
run('swc', ['libs/read-model/src/query/plans', '--out-dir', 'dist', '--ignore', '**/*.spec.ts', '--quiet']);
process.exit(run('node', ['bench/plans.mjs', ...process.argv.slice(2)]).status ?? 1);
