/** `npm start`: installs and builds what is missing, then runs the whole system in one process (or one service: `start.mjs scim-api`). */
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { build, install, projectEnvironment } from './prepare.mjs';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const service = process.argv[2] ?? 'standalone';

install();
build();

const child = spawn(
  'node',
  ['--enable-source-maps', join(root, 'dist', 'apps', service, 'src', 'main.js'), ...process.argv.slice(3)],
  {
    stdio: 'inherit',
    env: projectEnvironment(),
  },
);
// A terminal sends Ctrl-C to the whole group; another sender only to this process. Either way the child decides when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
