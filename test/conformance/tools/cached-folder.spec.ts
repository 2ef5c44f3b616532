import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cachedFolder, output } from './cached-folder.js';

const before = process.env['XDG_CACHE_HOME'];
let cache: string;

beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'rollcall-cache-'));
  process.env['XDG_CACHE_HOME'] = cache;
});

afterEach(async () => {
  if (before === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = before;
  await rm(cache, { recursive: true });
});

describe('a folder of downloads', () => {
  const fills: string[] = [];
  const fill = async (folder: string): Promise<void> => {
    fills.push(folder);
    await writeFile(join(folder, 'jar'), 'x');
  };

  it('is filled once, and anew for other contents', async () => {
    fills.length = 0;
    const first = await cachedFolder('jars', 'version 1', fill);
    expect(await cachedFolder('jars', 'version 1', fill)).toBe(first);
    expect(await cachedFolder('jars', 'version 2', fill)).not.toBe(first);
    expect(fills).toHaveLength(2);
  });

  it('is whole for everybody who asks at the same time', async () => {
    const folders = await Promise.all([1, 2, 3].map(() => cachedFolder('jars', 'version 1', fill)));
    expect(new Set(folders).size).toBe(1);
    expect(await readdir(folders[0] ?? '')).toEqual(['jar']);
    expect(await readdir(join(cache, 'rollcall'))).toHaveLength(1);
  });

  it('is not there when it could not be filled', async () => {
    const failing = cachedFolder('jars', 'version 1', () => Promise.reject(new Error('no network')));
    await expect(failing).rejects.toThrow('no network');
    expect(await readdir(join(cache, 'rollcall'))).toEqual([]);
  });
});

describe('a program', () => {
  it('that fails says what it printed', async () => {
    const failing = output(process.execPath, ['-e', 'console.error("no such package"); process.exit(3)']);
    await expect(failing).rejects.toThrow('no such package');
  });
});
