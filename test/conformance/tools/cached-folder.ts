import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a program printed on standard output; throws with the end of all it printed when it fails. */
export const output = async (
  command: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly withinMs?: number } = {},
): Promise<string> => {
  try {
    const { stdout } = await execute(command, args, {
      env: { ...process.env, ...options.env },
      timeout: options.withinMs ?? 0,
      maxBuffer: 64 * 1024 * 1024,
    });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    const said = `${stdout}${stderr}`.trim().slice(-4_000);
    throw new Error(`${command} ${args[0] ?? ''} failed: ${said === '' ? message : said}`, { cause: error });
  }
};

/**
 * A folder of downloads that survives the checkout, named after what it was made from and filled once. Several runs may ask at the
 * same time: each fills a folder aside, which appears by a rename, thus whole or not at all.
 */
export const cachedFolder = async (
  name: string,
  madeFrom: string,
  fill: (folder: string) => Promise<unknown>,
): Promise<string> => {
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'rollcall');
  const folder = join(cache, `${name}-${createHash('sha256').update(madeFrom).digest('hex').slice(0, 12)}`);
  if (await isThere(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(`${folder}.`);
  try {
    await fill(aside);
    await rename(aside, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // someone else was faster: the same files
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return folder;
};

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
