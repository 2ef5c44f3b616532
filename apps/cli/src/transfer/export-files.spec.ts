import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readExport, writeExport } from './export-files.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function* lines() {
  yield '{"a":1}\n';
  yield '{"b":2}\n';
}

const textOf = async (file: string): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await readExport(file)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

describe.each(['plain.ndjson', 'packed.ndjson.gz'])('the file %s', (name) => {
  it('says when it is read what was written, to its owner alone', async () => {
    const file = join(folder, name);
    await writeExport(lines(), file);
    expect(await textOf(file)).toBe('{"a":1}\n{"b":2}\n');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('is not overwritten', async () => {
    const file = join(folder, `kept-${name}`);
    await writeFile(file, 'mine');
    await expect(writeExport(lines(), file)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readFile(file, 'utf8')).toBe('mine');
  });

  it('that is not there says so before anything else happens', async () =>
    expect(readExport(join(folder, `no-${name}`))).rejects.toMatchObject({ code: 'ENOENT' }));
});

it('what calls itself compressed and is not is an error', async () => {
  const file = join(folder, 'wrong.gz');
  await writeFile(file, 'plain text');
  await expect(textOf(file)).rejects.toThrow('incorrect header check');
});

it('an export that breaks off is an error', async () => {
  async function* broken() {
    yield '{}\n';
    throw new Error('The event log did not answer.');
  }
  await expect(writeExport(broken(), join(folder, 'broken.ndjson'))).rejects.toThrow('The event log did not answer.');
});
