/** `npm run bench`: installs and builds what is missing, then measures floor and system in one run; `npm run bench -- append`, `-- large-groups`: a part. */
import { build, install, run } from './prepare.mjs';

install();
build();
const [part = 'system', ...rest] = process.argv.slice(2);
process.exit(run('node', [`bench/${part}.mjs`, ...rest]).status ?? 1);
