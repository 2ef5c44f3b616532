/**
 * What both `npm start` and `npm test` need on a fresh clone: the locked packages (Node 24 is one of them) and a current build.
 * Runs on whatever Node the machine has, from version 18.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..');
const bin = join(root, 'node_modules', '.bin');
const stamps = join(root, 'node_modules', '.cache', 'rollcall');

/** The environment in which every script runs: Node 24 of this project first. */
export const projectEnvironment = () => ({
  ...process.env,
  PATH: `${bin}:${process.env.PATH ?? ''}`,
  NODE_NO_WARNINGS: '1',
});

export const run = (command, args, options = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: projectEnvironment(), ...options });

const digest = (text) => createHash('sha256').update(text).digest('hex');
const stampOf = (name) => (existsSync(join(stamps, name)) ? readFileSync(join(stamps, name), 'utf8') : '');
const stamp = (name, value) => {
  mkdirSync(stamps, { recursive: true });
  writeFileSync(join(stamps, name), value);
};

/** Installs the locked packages when they are not there or the lock file has changed. */
export const install = () => {
  const wanted = digest(readFileSync(join(root, 'package-lock.json')));
  if (stampOf('installed') === wanted && existsSync(join(bin, 'node'))) return;
  console.log('Installing packages …');
  const done = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { env: process.env });
  if (done.status !== 0) process.exit(done.status ?? 1);
  stamp('installed', wanted);
};

const sources = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'dist' ? [] : sources(path);
    return entry.name.endsWith('.spec.ts') ? [] : [`${path}:${statSync(path).mtimeMs}`];
  });

/** Builds when a source is newer than the last build. */
export const build = () => {
  const wanted = digest([...sources(join(root, 'apps')), ...sources(join(root, 'libs'))].sort().join('\n'));
  if (stampOf('built') === wanted && existsSync(join(root, 'dist', 'apps'))) return;
  console.log('Building …');
  const done = run('npm', ['run', '--silent', 'build']);
  if (done.status !== 0) process.exit(done.status ?? 1);
  stamp('built', wanted);
};
