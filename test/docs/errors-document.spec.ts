import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  ClaimTaken,
  AppendTooLarge,
  DomainError,
  EventLogUnavailable,
  SubjectErased,
  TooContended,
} from '#event-sourcing';
import { QueryTooCostly, ReadModelBehind, ReadModelParked } from '#read-model';
import type { ErrorBody } from '#scim';
import { scimErrorAnswer } from '../../apps/scim-api/src/edge/scim-errors.js';
import { code, generatedSection, table } from './generated-section.js';

const root = join(import.meta.dirname, '..', '..');
const DOCUMENT = 'docs/errors.md';

const sources = (...folders: readonly string[]): string =>
  folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
        .map((file) => readFileSync(join(root, folder, file), 'utf8')),
    )
    .join('\n');

const found = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, ...groups]) => groups.filter((group) => group !== undefined).join(' '));

/** `400 invalidFilter`, `404`: whatever the SCIM interface can answer, as its sources say. */
const answered = (): readonly string[] => {
  const edge = readFileSync(join(root, 'apps/scim-api/src/edge/scim-errors.ts'), 'utf8');
  return [
    ...found(sources('apps/scim-api/src', 'libs/scim/src'), /new ScimError\(\s*(\d{3}),\s*(?:'(\w+)'|undefined)/g),
    ...found(sources('libs/scim/src'), /badRequest\('(\w+)'\)/g).map((scimType) => `400 ${scimType}`),
    ...found(sources('libs/access/src'), /\{ status: (\d{3})[ ,]/g),
    ...found(edge, /^ {2}(\d{3}): /gm),
  ];
};

/** First two columns of the table. */
const documented = (): readonly string[] =>
  [...readFileSync(join(root, DOCUMENT), 'utf8').matchAll(/^\| (\d{3}) +\| (?:`(\w+)`|–) +\|/gm)].map(
    ([, status = '', scimType]) => (scimType === undefined ? status : `${status} ${scimType}`),
  );

/** One of each error that the libraries throw at the edge, by its code. */
const thrown = new Map<string, Error>(
  [
    new ClaimTaken('userName'),
    new TooContended(),
    new EventLogUnavailable('unreachable'),
    new AppendTooLarge(1_048_576),
    new SubjectErased('user-acme+1'),
    new ReadModelBehind(),
    new ReadModelParked('0199a1b2-0000-7000-8000-000000000000'),
    new QueryTooCostly(),
  ].map((error) => [error.code, error]),
);
const domainCodes = [
  ...new Set(found(sources('libs/directory/src', 'apps/scim-api/src'), /new DomainError\(\s*'([a-z-]+)'/g)),
];

/** These never reach the edge: the command runner decides anew, the projector parks the tenant. */
const internal = ['concurrency-conflict', 'projection-fault'];

const codesTable = (): string => {
  const errors = [...domainCodes.map((name) => [name, new DomainError(name, 'x')] as const), ...thrown];
  const rows = errors.map(([name, error]) => {
    const { status, body } = scimErrorAnswer(error);
    const { scimType } = body as ErrorBody;
    return [code(name), String(status), scimType === undefined ? '–' : code(scimType)];
  });
  return table(
    ['error', 'status', 'scimType'],
    rows.sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  );
};

describe('docs/errors.md', () => {
  it('R113 R114 explains every status and scimType that the SCIM interface answers, and no other', () => {
    expect([...new Set(documented())].sort()).toEqual([...new Set(answered())].sort());
  });

  it('lists what the edge makes of each error of the libraries (UPDATE_DOCS=1 writes it anew)', () => {
    const wanted = codesTable();
    expect(generatedSection(DOCUMENT, 'codes', wanted)).toBe(wanted);
  });

  it('knows every error code of the libraries below the edge', () => {
    const codes = found(sources('libs/event-sourcing/src', 'libs/read-model/src'), /readonly code = '([a-z-]+)'/g);
    expect(codes.filter((name) => !thrown.has(name) && !internal.includes(name))).toEqual([]);
  });

  it('no rule that is broken is a fault of ours', () => {
    for (const name of domainCodes)
      expect([name, scimErrorAnswer(new DomainError(name, 'x')).status]).not.toEqual([name, 500]);
  });
});
