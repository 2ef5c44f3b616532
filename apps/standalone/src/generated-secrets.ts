import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface GeneratedSecret {
  readonly value: string;
  /** Made by this start, so that it is shown once. */
  readonly isNew: boolean;
}

/**
 * A secret that nobody has set: read from `directory`, or made there (mode 0600). It is renamed into place whole, so that a crash in between
 * leaves none or a good one: with half a MASTER_KEY everything would be lost.
 */
export const generatedSecret = async (
  directory: string,
  name: string,
  make: () => string,
): Promise<GeneratedSecret> => {
  const path = join(directory, name);
  const kept = await readFile(path, 'utf8').catch(() => undefined);
  if (kept !== undefined && kept.trim() !== '') return { value: kept.trim(), isNew: false };
  await mkdir(directory, { recursive: true });
  const value = make();
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${value}\n`, { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  await rename(draft, path);
  return { value, isNew: true };
};

export const newAdminToken = (): string => randomBytes(24).toString('base64url');
export const newMasterKey = (): string => randomBytes(32).toString('base64');
