import { claimMoves, type ClaimMoves } from './claims.js';
import { foldOne, type Folded } from './folded.js';
import type { EventMetadata, Message } from './message.js';
import type { StreamType } from './stream-type.js';

export interface CommandRequest<Command extends Message> {
  readonly tenantId: string;
  readonly resourceId: string;
  readonly command: Command;
  readonly metadata: EventMetadata;
  /** Throws when the client's precondition (If-Match) does not hold for the stream as it stands; revision -1: no stream. */
  readonly precondition?: (revision: number) => void;
  /** The id was made for this request, so there is no stream to read first. The append still demands that there is none. */
  readonly isNew?: boolean;
}

export interface CommandResult<State, Event extends Message> extends Folded<State> {
  /** What the command changed; empty when it changed nothing. */
  readonly events: readonly Event[];
}

/** A command in the queue, and who waits for its answer. */
export interface Waiting {
  readonly request: CommandRequest<Message>;
  readonly deadline: number;
  readonly resolve: (result: CommandResult<unknown, Message>) => void;
  readonly reject: (error: unknown) => void;
}

export type AnyStreamType = StreamType<unknown, Message, Message, unknown>;

export interface Decision {
  readonly waiting: Waiting;
  readonly outcome:
    { readonly events: readonly Message[]; readonly after: Folded<unknown> } | { readonly refusal: unknown };
}

/** Answers those who wait; returns where the last accepted command left the stream, undefined when none was accepted. */
export const settle = (decisions: readonly Decision[]): Folded<unknown> | undefined => {
  let last: Folded<unknown> | undefined;
  for (const { waiting, outcome } of decisions) {
    if ('refusal' in outcome) {
      waiting.reject(outcome.refusal);
      continue;
    }
    last = outcome.after;
    waiting.resolve({ ...last, events: outcome.events });
  }
  return last;
};

/** Decides the commands in turn, each on what the ones before it have made. */
export const decideInTurn = (
  type: AnyStreamType,
  before: Folded<unknown>,
  loaded: unknown,
  batch: readonly Waiting[],
  time: Date,
): readonly Decision[] => {
  const decisions: Decision[] = [];
  let current = before;
  let facts = loaded;
  for (const waiting of batch) {
    const outcome = decideOne(type, current, facts, waiting.request);
    if ('refusal' in outcome) {
      decisions.push({ waiting, outcome });
      continue;
    }
    for (const event of outcome.events) {
      current = foldOne(type.decider, current, { event, revision: current.revision + 1, time });
      facts = type.facts.follow(facts, event);
    }
    decisions.push({ waiting, outcome: { events: outcome.events, after: current } });
    // A value held only between two commands of a batch would never be claimed: a command that moves claims is the last one.
    if (batch.length > 1 && outcome.events.length > 0 && movesAny(type, before.state, current.state)) break;
  }
  return decisions;
};

const decideOne = (
  type: AnyStreamType,
  { state, revision }: Folded<unknown>,
  facts: unknown,
  { command, precondition }: CommandRequest<Message>,
): { readonly events: readonly Message[] } | { readonly refusal: unknown } => {
  try {
    precondition?.(revision);
    return { events: type.decider.decide(command, state, facts) };
  } catch (refusal) {
    return { refusal };
  }
};

export const movesOf = (type: AnyStreamType, before: unknown, after: unknown): ClaimMoves =>
  claimMoves(type.claims(before), type.claims(after));

const movesAny = (type: AnyStreamType, before: unknown, after: unknown): boolean => {
  const { taken, released } = movesOf(type, before, after);
  return taken.length + released.length > 0;
};
