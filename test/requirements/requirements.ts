import { readFileSync } from 'node:fs';

/** Every demand by its number, in one line. R: RFC 7643/7644; X: later RFCs and profiles; C-…: what a client demands; F: features seen elsewhere. */
export const requirements = new Map(
  Object.entries(
    JSON.parse(readFileSync(new URL('requirements.json', import.meta.url), 'utf8')) as Record<string, string>,
  ),
);

/** Numbers of the SCIM interface. The others concern the control plane, events and the console, which have suites of their own. */
export const isScimRequirement = (id: string): boolean => {
  const [, kind = '', number = ''] = /^(R|X|F|C-[A-Z])(\d+)$/.exec(id) ?? [];
  if (kind === 'X') return true;
  if (kind === 'F') return scimFeatures.has(Number(number));
  return kind !== '';
};

const scimFeatures: ReadonlySet<number> = new Set([11, 12, 13, 14, 15, 16, 17, 20, 21, 24, 26, 27, 28, 29]);

/** Numbers in a text, such as the name of a test; a range counts for its ends alone. */
export const numbersIn = (text: string): readonly string[] => text.match(/\b(?:R|X|F|C-[A-Z])\d{1,3}\b/g) ?? [];
