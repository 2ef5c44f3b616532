import {
  claimMoves,
  type Claim,
  type ClaimChange,
  type EventMetadata,
  type PendingEvent,
  type StreamWrite,
} from '#event-sourcing';
import type { ImportedResource } from './imported-resource.js';

const MOST_EVENTS = 500;
/** Far below what any log takes at once, sealed and in base64. */
const MOST_BYTES = 256 * 1024;

/** One event and what it makes of its resource. */
export interface Step {
  readonly tenantId: string;
  readonly streamName: string;
  readonly resourceId: string;
  readonly pending: PendingEvent;
  readonly line: number;
  readonly size: number;
  readonly before: ImportedResource;
  readonly after: ImportedResource;
  readonly closes: boolean;
}

/** What one stream gets in one append. */
export interface StreamPart {
  readonly line: number;
  readonly write: StreamWrite;
  readonly claims: ClaimChange;
}

/**
 * Events that can be appended at once without leaving their order: those of one stream stand together in an append, and a claim may move but
 * once in it.
 */
export class ImportBatch {
  private readonly steps = new Map<string, Step[]>();
  private readonly moved = new Map<string, string>();
  private last = '';
  private events = 0;
  private bytes = 0;

  get isEmpty(): boolean {
    return this.events === 0;
  }

  /** Whether the step can join; when it cannot, append what is here first. */
  admits(step: Step): boolean {
    if (this.isEmpty) return true;
    if (this.events >= MOST_EVENTS || this.bytes + step.size > MOST_BYTES) return false;
    if (this.steps.has(step.streamName) && this.last !== step.streamName) return false;
    return movedClaims(step).every((claim) => (this.moved.get(claim) ?? step.streamName) === step.streamName);
  }

  add(step: Step): void {
    const { streamName } = step;
    const steps = this.steps.get(streamName);
    if (steps === undefined) this.steps.set(streamName, [step]);
    else steps.push(step);
    for (const claim of movedClaims(step)) this.moved.set(claim, streamName);
    this.last = streamName;
    this.events += 1;
    this.bytes += step.size;
  }

  /** In the order in which they are to be written. */
  parts(): readonly StreamPart[] {
    return [...this.steps.values()].flatMap((steps) => {
      const [first, last] = [steps[0], steps.at(-1)];
      return first === undefined || last === undefined ? [] : [partOf(first, last, steps)];
    });
  }
}

const partOf = (first: Step, last: Step, steps: readonly Step[]): StreamPart => {
  const { tenantId, streamName, resourceId, before } = first;
  const metadata: EventMetadata = last.pending.metadata;
  const { revision } = before.folded;
  return {
    line: first.line,
    write: {
      tenantId,
      streamName,
      expected: revision < 0 ? 'no-stream' : revision,
      events: steps.map(({ pending }) => pending),
      closes: last.closes,
    },
    claims: { ...claimMoves(before.claims, last.after.claims), holder: { tenantId, resourceId, metadata } },
  };
};

const movedClaims = ({ before, after }: Step): readonly string[] => {
  const { taken, released } = claimMoves(before.claims, after.claims);
  return [...taken, ...released].map(nameOf);
};

const nameOf = ({ kind, value }: Claim): string => `${kind} ${value}`;
