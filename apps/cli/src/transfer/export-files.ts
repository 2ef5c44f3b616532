import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';

/** The owner's own eyes: there is personal data in it. */
const MODE = 0o600;

const isGzip = (file: string): boolean => file.endsWith('.gz');

/** Writes to a new file (one that is there is never overwritten), compressed when its name ends in .gz; to stdout when there is no name. */
export const writeExport = async (lines: AsyncIterable<string>, file: string | undefined): Promise<void> => {
  const from = Readable.from(lines);
  if (file === undefined) return pipeline(from, process.stdout, { end: false });
  const to = createWriteStream(file, { flags: 'wx', mode: MODE, flush: true });
  await (isGzip(file) ? pipeline(from, createGzip(), to) : pipeline(from, to));
};

/** The bytes of a file, or of stdin when there is no name. Errors of the file come out of the iteration. */
export const readExport = async (file: string | undefined): Promise<AsyncIterable<Uint8Array>> => {
  if (file === undefined) return process.stdin;
  await stat(file); // says that there is none before anything else happens
  const bytes = createReadStream(file);
  if (!isGzip(file)) return bytes;
  const unzipped = createGunzip();
  bytes.on('error', (error) => unzipped.destroy(error));
  return bytes.pipe(unzipped);
};
