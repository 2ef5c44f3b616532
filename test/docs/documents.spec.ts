import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { configurationTable } from '#runtime';
import { changeTable, directoryTable, tenancyTable, topicTable } from './event-tables.js';
import { code, generatedSection, table } from './generated-section.js';

const root = join(import.meta.dirname, '..', '..');
const filesBelow = (folder: string, end: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(end) && !file.includes('node_modules'))
    .map((file) => join(folder, file))
    .sort();

/** Name and help of every metric that the sources register with prom-client. */
const metrics = (): readonly (readonly string[])[] =>
  ['apps', 'libs']
    .flatMap((folder) => filesBelow(folder, '.ts'))
    .filter((file) => !file.endsWith('.spec.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .filter((text) => text.includes("'prom-client'"))
    .flatMap((text) => [...text.matchAll(/name: '([a-z_]+)',\s+help:\s+(?:'([^']+)'|"([^"]+)")/g)])
    .map(([, name = '', single, double]) => [code(name), single ?? double ?? ''])
    .sort(([a = ''], [b = '']) => (a < b ? -1 : 1));

describe('what the documents list is what there is (UPDATE_DOCS=1 writes it anew)', () => {
  it.each([
    ['docs/configuration.md', 'settings', configurationTable],
    ['docs/events.md', 'directory', directoryTable],
    ['docs/events.md', 'control plane', tenancyTable],
    ['docs/events.md', 'changes', changeTable],
    ['docs/events.md', 'topics', topicTable],
    ['docs/runbook.md', 'metrics', () => table(['metric', 'what it is'], metrics())],
  ])('%s: %s', (document, name, generate) => {
    const wanted = generate();
    expect(generatedSection(document, name, wanted)).toBe(wanted);
  });
});

describe('a link inside the repository leads somewhere', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesBelow('docs', '.md')];

  it.each(documents)('%s', (document) => {
    const text = readFileSync(join(root, document), 'utf8').replace(/```.*?```/gs, '');
    const broken = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(join(root, dirname(document), target)));
    expect(broken).toEqual([]);
  });

  it('and no document names a file of the sources that is not there', () => {
    const named = documents.flatMap((document) =>
      [
        ...readFileSync(join(root, document), 'utf8').matchAll(
          /`((?:apps|libs|test|deploy|scripts|bench)\/[\w./-]+\.\w+)`/g,
        ),
      ]
        .map(([, file = '']) => file)
        .filter((file) => !existsSync(join(root, file)))
        .map((file) => `${document}: ${file}`),
    );
    expect(named).toEqual([]);
  });
});
