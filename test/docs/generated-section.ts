import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

/**
 * What stands between `<!-- generated: name -->` and `<!-- end: name -->` in a document. With UPDATE_DOCS=1 in the environment `wanted` is
 * written there first. Throws when the markers are missing.
 */
export const generatedSection = (document: string, name: string, wanted: string): string => {
  const path = join(root, document);
  const [start, end] = [`<!-- generated: ${name} -->\n`, `\n<!-- end: ${name} -->`];
  const text = readFileSync(path, 'utf8');
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${document} has no section '${name}'.`);
  if (process.env['UPDATE_DOCS'] !== '1') return text.slice(from + start.length, to);
  writeFileSync(path, text.slice(0, from + start.length) + wanted + text.slice(to));
  return wanted;
};

/** A table in Markdown. */
export const table = (header: readonly string[], rows: readonly (readonly string[])[]): string =>
  [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

export const code = (text: string): string => `\`${text}\``;
