import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

const root = join(import.meta.dirname, '..', '..');
const config = join(root, '.dependency-cruiser.cjs');

interface Verdict {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly totalCruised: number;
  };
}

/** Cruises apps and libs below `directory` by the rules of this repository; returns `rule: file` of every violation. */
const cruise = (directory: string): readonly string[] => {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const args = [bin, 'apps', 'libs', '--config', config, '--output-type', 'json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 ** 2,
  });
  if (stdout === '') throw new Error(stderr);
  const { summary } = JSON.parse(stdout) as Verdict;
  expect(summary.totalCruised).toBeGreaterThan(10);
  return [...new Set(summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`))].sort();
};

/** A small tree with the shape of this one, in which all is as it should be. */
const clean: Readonly<Record<string, string>> = {
  'node_modules/@nestjs/common/package.json': '{ "name": "@nestjs/common", "main": "index.js" }',
  'node_modules/@nestjs/common/index.js': 'module.exports = {};',
  'libs/scim/src/index.ts': "export { parse } from './parse.js';",
  'libs/scim/src/parse.ts': 'export const parse = (text: string): string => text;',
  'libs/scim/src/round.ts': "export { parse as round } from './index.js';",
  'libs/event-sourcing/src/index.ts': 'export type Message = { type: string };',
  'libs/directory/src/index.ts': "export type { User } from './user.js';",
  'libs/directory/src/user.ts': "import type { Message } from '#event-sourcing';\nexport type User = Message;",
  'libs/directory/src/user.spec.ts':
    "import '@nestjs/common';\nimport '#runtime';\nimport type { User } from './user.js';\nexport type Spec = User;",
  'libs/tenancy/src/index.ts': "import type { Message } from '#event-sourcing';\nexport type Tenant = Message;",
  'libs/runtime/src/index.ts': "import '@nestjs/common';\nexport const environment = {};",
  'apps/auth/src/main.ts':
    "import '@nestjs/common';\nimport type { Tenant } from '#tenancy';\nexport type Auth = Tenant;",
  'apps/scim-api/src/main.ts': "import { parse } from '#scim';\nexport const api = parse('');",
  'apps/standalone/src/main.ts': "import { api } from '../../scim-api/src/main.js';\nexport const all = api;",
};

/** One violation a rule: the file and what is planted into it. */
const planted: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['no-circular', 'libs/scim/src/index.ts', "export { round } from './round.js';"],
  [
    'pure-libs-know-no-framework',
    'libs/tenancy/src/tenant.ts',
    "import type { Type } from '@nestjs/common';\nexport type T = Type;",
  ],
  [
    'domain-imports-only-pure',
    'libs/directory/src/clock.ts',
    "import type { environment } from '#runtime';\nexport type E = typeof environment;",
  ],
  [
    'apps-never-import-apps',
    'apps/scim-api/src/shortcut.ts',
    "import type { Auth } from '../../auth/src/main.js';\nexport type A = Auth;",
  ],
  [
    'libs-never-import-apps',
    'libs/runtime/src/upward.ts',
    "import type { Auth } from '../../../apps/auth/src/main.js';\nexport type A = Auth;",
  ],
  [
    'libs-by-their-index',
    'apps/auth/src/deep.ts',
    "import { parse } from '../../../libs/scim/src/parse.js';\nexport const deep = parse;",
  ],
];

jest.setTimeout(60_000); // linters are processes of their own, and slow ones on a busy machine

let directory: string;
const write = (file: string, text: string) => {
  const path = join(directory, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-boundaries-'));
  for (const file of ['package.json', 'tsconfig.json']) write(file, readFileSync(join(root, file), 'utf8'));
  for (const [file, text] of Object.entries(clean)) write(file, text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the fence between rooms', () => {
  it('lets a clean tree pass', () => expect(cruise(directory)).toEqual([]));

  it('sees one planted violation of each of its rules, type imports included', () => {
    for (const [, file, text] of planted) write(file, `${clean[file] ?? ''}\n${text}`);
    const seen = cruise(directory);
    expect(seen).toEqual(planted.map(([rule, file]) => `${rule}: ${file}`).sort());
  });

  it('has no rule that was never seen to fail', () => {
    const names = [...readFileSync(config, 'utf8').matchAll(/name: '([a-z-]+)'/g)].map(([, name]) => name);
    expect(names.sort()).toEqual(planted.map(([rule]) => rule).sort());
  });

  it('stands: nobody in this repository has climbed over it', () => expect(cruise(root)).toEqual([]));
});

describe('lint', () => {
  /** What eslint says of a text if it stood in that file. */
  const lint = (file: string, text: string): readonly (string | null)[] => {
    const args = [
      join(root, 'node_modules/eslint/bin/eslint.js'),
      '--stdin',
      '--stdin-filename',
      file,
      '--format',
      'json',
    ];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', input: text });
    if (stdout === '') throw new Error(stderr);
    const results = JSON.parse(stdout) as { messages: { ruleId: string | null }[] }[];
    return results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId)).sort();
  };

  it('knows types: each planted slip is found, and nothing else', () =>
    expect(
      lint(
        'libs/event-sourcing/src/decider.ts',
        `
          import { fold } from '../../../libs/scim/src/values/folding.js';
          const later = async (): Promise<string> => fold('A');
          export const forgotten = (): void => {
            later();
          };
          export const half = (kind: 'user' | 'group'): string => {
            switch (kind) {
              case 'user':
                return 'u';
            }
            return 'g';
          };
          export const anything = (value: any): string => value.name;
          export const certain = (value: string | undefined): string => value!;
          export const home = process.env.HOME;
          export const loose = (a: number): boolean => a == 1;
        `,
      ),
    ).toEqual(
      [
        '@typescript-eslint/no-floating-promises',
        '@typescript-eslint/switch-exhaustiveness-check',
        '@typescript-eslint/no-explicit-any',
        '@typescript-eslint/no-unsafe-return',
        '@typescript-eslint/no-unsafe-member-access',
        '@typescript-eslint/no-non-null-assertion',
        'no-restricted-properties',
        'no-restricted-imports',
        'eqeqeq',
      ].sort(),
    ));
});
