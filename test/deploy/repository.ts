import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The top of the repository. */
export const repository = resolve(import.meta.dirname, '..', '..');

export const chartDirectory = join(repository, 'deploy', 'helm', 'rollcall');

/** The text of a file, named from the top of the repository. */
export const text = (path: string): string => readFileSync(join(repository, path), 'utf8');
