import { setImmediate } from 'node:timers/promises';
import { PayloadTooLargeException } from '@nestjs/common';
import { z } from 'zod';
import { MalformedJson, parseJson } from '#runtime';
import { describeUser, ScimError, type DescribedUser, type ResourceSchema } from '#scim';
import { Checked, InvalidInput, type InputFault } from '../admin/input.js';

/** Users of one report. */
export const MOST_USERS = 100_000;
/** Bytes: more than a user with a photo has. */
export const LONGEST_LINE = 256 * 1024;
const MOST_FAULTS = 100;
/** Parsed in one go: other requests of the process have their turn in between. */
const PART = 500;

const resourcesBody = new Checked(z.object({ Resources: z.array(z.unknown()) }));

/** A user somewhere in the file. */
interface Entry {
  /** `line 3` or `Resources.2`. */
  readonly place: string;
  readonly document: () => unknown;
}

/**
 * Users as an identity provider has them, in the body of a request: lines of JSON, or SCIM's `{"Resources":[…]}`. Lines are parsed when they
 * are asked for, so that the text alone is kept.
 */
export class DescribedFile {
  constructor(
    private readonly body: unknown,
    private readonly schema: ResourceSchema,
  ) {}

  /** Throws InvalidInput with the places of what is no description of a user, and PayloadTooLargeException. */
  async check(): Promise<void> {
    const faults: InputFault[] = [];
    let count = 0;
    for (const entry of this.entries()) {
      count += 1;
      if (count > MOST_USERS) throw new PayloadTooLargeException(`A report takes ${MOST_USERS} users at most.`);
      const message = this.faultOf(entry);
      if (message !== undefined) faults.push({ path: entry.place, message });
      if (faults.length === MOST_FAULTS) break;
      if (count % PART === 0) await setImmediate();
    }
    if (faults.length > 0) throw new InvalidInput(faults);
  }

  /** What the file says, some hundred users at a time. Call `check` before. */
  *parts(): Generator<readonly DescribedUser[]> {
    let part: DescribedUser[] = [];
    for (const entry of this.entries()) {
      if (part.push(this.userOf(entry)) < PART) continue;
      yield part;
      part = [];
    }
    if (part.length > 0) yield part;
  }

  private entries(): Iterable<Entry> {
    if (Buffer.isBuffer(this.body)) return linesOf(this.body);
    const { Resources: documents } = resourcesBody.transform(this.body);
    return documents.map((document, index) => ({ place: `Resources.${index}`, document: () => document }));
  }

  private userOf({ document }: Entry): DescribedUser {
    return describeUser(document(), this.schema);
  }

  private faultOf(entry: Entry): string | undefined {
    try {
      const { userName, externalId } = this.userOf(entry);
      return userName === undefined && externalId === undefined ? 'Give userName or externalId.' : undefined;
    } catch (error) {
      // Inside one line, which line and column JSON counts from its beginning would mislead.
      if (error instanceof MalformedJson) return `This is not JSON: ${error.reason.replace(/ \(line.*$/, '')}.`;
      if (error instanceof ScimError || error instanceof TooLongLine) return error.message;
      throw error;
    }
  }
}

class TooLongLine extends Error {}

const NEW_LINE = 10;

/** The lines that are not blank. */
function* linesOf(text: Buffer): Generator<Entry> {
  let number = 0;
  for (let start = 0; start < text.length;) {
    const found = text.indexOf(NEW_LINE, start);
    const end = found < 0 ? text.length : found;
    const line = text.subarray(start, end);
    number += 1;
    start = end + 1;
    if (!isBlank(line)) yield { place: `line ${number}`, document: () => documentOf(line) };
  }
}

/** A line may end in CR and LF. */
const isBlank = (line: Buffer): boolean => line.length === 0 || (line.length === 1 && line[0] === 13);

const documentOf = (line: Buffer): unknown => {
  if (line.length > LONGEST_LINE) throw new TooLongLine(`A line has ${LONGEST_LINE} bytes at most.`);
  return parseJson(line);
};
