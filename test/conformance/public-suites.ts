import { join } from 'node:path';
import { output } from './tools/cached-folder.js';
import { pinnedStrictClient, strictClientClassPath } from './tools/maven-jars.js';
import { pinnedPackage, pythonWithPackages } from './tools/python-packages.js';

/** One case of a public suite, as that suite judged it. */
export interface Case {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly reason: string;
}

/** Where a suite finds the service: an empty tenant. */
export interface Target {
  readonly scimUrl: string;
  readonly token: string;
}

export interface PublicSuite {
  readonly name: 'scim2-tester' | 'scim-sanity' | 'SCIM-SDK client' | 'scim-validator';
  readonly version: () => Promise<string>;
  /** Fewer means that it stopped on the way. */
  readonly casesAtLeast: number;
  /** Installs the suite if need be, and runs it. Throws when it cannot run; a case that fails is a case. */
  readonly run: (target: Target) => Promise<readonly Case[]>;
}

const WITHIN = { withinMs: 120_000 };

const environment = ({ scimUrl, token }: Target) => ({ SCIM_URL: scimUrl, SCIM_TOKEN: token });

/** A JSON object a line. */
const casesOf = (text: string): readonly Case[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Case);

const scim2Tester: PublicSuite = {
  name: 'scim2-tester',
  version: () => pinnedPackage('scim2-tester'),
  casesAtLeast: 138,
  run: async (target) => {
    const python = await pythonWithPackages();
    const script = join(import.meta.dirname, 'python', 'scim2_tester_cases.py');
    return casesOf(await python.run([script], environment(target), WITHIN));
  },
};

const scimSanity: PublicSuite = {
  name: 'scim-sanity',
  version: () => pinnedPackage('scim-sanity'),
  casesAtLeast: 31,
  run: async (target) => {
    const python = await pythonWithPackages();
    const script = join(import.meta.dirname, 'python', 'scim_sanity_cases.py');
    return casesOf(await python.run([script], environment(target), WITHIN));
  },
};

const strictClient: PublicSuite = {
  name: 'SCIM-SDK client',
  version: pinnedStrictClient,
  casesAtLeast: 30,
  run: async (target) => {
    const classPath = await strictClientClassPath();
    const program = join(import.meta.dirname, 'java', 'StrictClient.java');
    return casesOf(await output('java', ['-cp', classPath, program], { ...WITHIN, env: environment(target) }));
  },
};

/** Made by its authors, and in no registry that a build can rely on: whoever has built it says where it is. */
const scimValidator = (classPath: string): PublicSuite => ({
  name: 'scim-validator',
  version: () => Promise.resolve('0.0.2-SNAPSHOT'),
  casesAtLeast: 105,
  run: async ({ scimUrl, token }) => {
    const program = join(import.meta.dirname, 'java', 'ScimValidatorCases.java');
    const env = { SCIM_BASE_URL: scimUrl, SCIM_AUTH_TOKEN: token, SCIM_TESTCONTAINERS_ENABLED: 'false' };
    return casesOf(await output('java', ['-cp', classPath, program], { ...WITHIN, env }));
  },
});

const validatorClassPath = process.env['SCIM_VALIDATOR_CLASS_PATH'];

export const publicSuites: readonly PublicSuite[] = [
  scim2Tester,
  scimSanity,
  strictClient,
  ...(validatorClassPath === undefined ? [] : [scimValidator(validatorClassPath)]),
];
