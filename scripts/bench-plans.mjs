/** `npm run bench:plans`: installs and builds what is missing, then plans and times every common look-up in a tenant of 1,000,000 users. */
import { build, install, run } from './prepare.mjs';

install();
build();
process.exit(run('node', ['bench/plans.mjs', ...process.argv.slice(2)]).status ?? 1);
