/** `npm run bench`: installs and builds what is missing, then measures floor and system in one run. */
import { build, install, run } from './prepare.mjs';

install();
build();
process.exit(run('node', ['bench/system.mjs', ...process.argv.slice(2)]).status ?? 1);
