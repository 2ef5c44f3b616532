import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { knownAlarms } from './known-alarms.js';
import { publicSuites } from './public-suites.js';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'conformance.md'), 'utf8');

describe('docs/conformance.md', () => {
  it.each(publicSuites)('names $name with its version', async ({ name, version }) => {
    expect(page).toContain(`| ${name} | ${await version()} |`);
  });

  it.each(Object.values(knownAlarms).flat())('explains the alarm "$case"', (alarm) => {
    expect(page).toContain(`| \`${alarm.case}\` | ${alarm.outcome} | ${alarm.because} |`);
  });
});
