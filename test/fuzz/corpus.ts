import { readFileSync } from 'node:fs';

/** A request of an identity provider, from which others are made. `{user}` and `{group}` stand for ids that exist. */
export interface SeedRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

const read = (file: string): string => readFileSync(new URL(`corpus/${file}`, import.meta.url), 'utf8');
const lines = (file: string): readonly string[] =>
  read(file)
    .split('\n')
    .filter((line) => line !== '');

/** What fuzzing starts from: shapes that identity providers send. What was found to do harm is added here and stays. */
export const corpus = {
  filters: lines('filters.txt'),
  patchPaths: lines('patch-paths.txt'),
  patches: JSON.parse(read('patches.json')) as readonly (readonly unknown[])[],
  bodies: JSON.parse(read('bodies.json')) as readonly unknown[],
  requests: JSON.parse(read('requests.json')) as readonly SeedRequest[],
};
