import { PassThrough } from 'node:stream';
import { expect, it } from '@jest/globals';
import { showProgress } from './progress.js';

const written = (isTTY: boolean): string => {
  const stream = Object.assign(new PassThrough(), { isTTY, cursorTo: () => true, clearLine: () => true });
  const progress = showProgress('Exporting acme', 200, stream);
  for (const value of [50, 200]) progress.show(value);
  progress.end();
  return String(stream.read() ?? '');
};

it('is a line where there is no terminal, the last one with all of it', () =>
  expect(written(false)).toBe('Exporting acme: 200 of 200\n'));

it('is a bar on a terminal', () => expect(written(true)).toMatch(/Exporting acme .*100% \| 200 of 200/));
