import { BadExport } from './export-format.js';

const NEWLINE = 0x0a;
const LONGEST_LINE = 64 * 1024 ** 2;

export interface ExportLine {
  /** From 1. */
  readonly number: number;
  /** Without the newline. */
  readonly bytes: Buffer;
}

/** Splits at newlines and nowhere else: JSON may hold U+2028 as it is. Throws BadExport when the last line has no end. */
export async function* exportLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ExportLine> {
  let number = 1;
  let begun: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      yield { number, bytes: Buffer.concat([...begun, chunk.subarray(from, end)]) };
      number += 1;
      begun = [];
      length = 0;
      from = end + 1;
    }
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > LONGEST_LINE) throw new BadExport(number, `it is longer than ${LONGEST_LINE} bytes.`);
  }
  if (length > 0) throw new BadExport(number, 'it has no end; the file was cut off.');
}
