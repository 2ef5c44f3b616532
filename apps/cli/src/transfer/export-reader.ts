import { createHash } from 'node:crypto';
import {
  BadExport,
  isFooter,
  parseEntry,
  parseHeader,
  type ExportedEvent,
  type ExportFooter,
  type ExportHeader,
} from './export-format.js';
import { exportLines, type ExportLine } from './export-lines.js';

/** An event and where it stands in the file. */
export interface EventAtLine {
  readonly line: number;
  /** Bytes of the line. */
  readonly size: number;
  readonly event: ExportedEvent;
}

export interface OpenedExport {
  readonly header: ExportHeader;
  /** In the order of the file. Throws BadExport at the first line that is wrong, and at the end when the file is not whole. */
  readonly events: AsyncIterable<EventAtLine>;
}

/** Reads the header; the events follow as they are asked for. */
export const openExport = async (chunks: AsyncIterable<Uint8Array>): Promise<OpenedExport> => {
  const lines = exportLines(chunks);
  const first = await lines.next();
  if (first.done === true) throw new BadExport(1, 'the file is empty.');
  const header = parseHeader(first.value.number, first.value.bytes.toString('utf8'));
  return { header, events: eventsOf(header, first.value, lines) };
};

async function* eventsOf(
  { lastSequence }: ExportHeader,
  first: ExportLine,
  lines: AsyncGenerator<ExportLine>,
): AsyncGenerator<EventAtLine> {
  const hash = createHash('sha256');
  const seen = ({ bytes }: ExportLine) => hash.update(bytes).update('\n');
  seen(first);
  let [events, sequence, last] = [0, 0, 1];
  let footer: ExportFooter | undefined;
  for await (const line of lines) {
    last = line.number;
    if (footer !== undefined) throw new BadExport(last, 'the export has ended on the line before.');
    const entry = parseEntry(last, line.bytes.toString('utf8'));
    if (isFooter(entry)) {
      footer = entry;
      continue;
    }
    if (entry.sequence <= sequence || entry.sequence > lastSequence)
      throw new BadExport(last, `the event is out of order: sequence ${entry.sequence} after ${sequence}.`);
    ({ sequence } = entry);
    events += 1;
    seen(line);
    yield { line: last, size: line.bytes.length, event: entry };
  }
  if (footer === undefined) throw new BadExport(last + 1, 'the export has no end; the file was cut off.');
  if (footer.events !== events)
    throw new BadExport(last, `the export should have ${footer.events} events, and has ${events}.`);
  if (footer.sha256 !== hash.digest('hex')) throw new BadExport(last, 'the checksum differs: the file was changed.');
}
