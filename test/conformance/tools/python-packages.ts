import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder, output } from './cached-folder.js';

const REQUIREMENTS = join(import.meta.dirname, '..', 'python', 'requirements.txt');

/** A Python that has the packages of requirements.txt, and nothing else that was installed on this machine for the user. */
export interface Python {
  run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    options?: { readonly withinMs?: number },
  ): Promise<string>;
}

/** Downloads the pinned packages once. Throws when there is no Python from 3.11 on with pip. */
export const pythonWithPackages = async (): Promise<Python> => {
  const { command, version } = await findPython();
  const pinned = await readFile(REQUIREMENTS, 'utf8');
  const install = [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-warn-conflicts'],
    ...['--requirement', REQUIREMENTS, '--target'],
  ];
  const packages = await cachedFolder(
    `python-${version}`,
    pinned,
    (folder) => output(command, [...install, folder], { env: { PIP_USER: '0' } }), // --target excludes it
  );
  return {
    run: (args, env, options = {}) =>
      output(command, ['-s', '-B', ...args], { ...options, env: { ...env, PYTHONPATH: packages } }),
  };
};

/** The version of a package in requirements.txt. */
export const pinnedPackage = async (name: string): Promise<string> => {
  const line = (await readFile(REQUIREMENTS, 'utf8')).split('\n').find((one) => one.startsWith(`${name}==`));
  if (line === undefined) throw new Error(`requirements.txt does not pin ${name}.`);
  return line.slice(name.length + 2);
};

const findPython = async (): Promise<{ command: string; version: string }> => {
  for (const command of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python']) {
    const version = await output(command, ['-c', 'import sys, pip; print("%d.%d" % sys.version_info[:2])']).catch(
      () => '',
    );
    const [major, minor] = version.trim().split('.').map(Number);
    if (major === 3 && minor !== undefined && minor >= 11) return { command, version: version.trim() };
  }
  throw new Error('scim2-tester and scim-sanity need Python 3.11 or newer with pip. Install it, then run this again.');
};
