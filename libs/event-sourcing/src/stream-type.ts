import type { Decider } from './decider.js';
import type { StreamGuard } from './event-log.js';
import type { Message } from './message.js';
import type { StreamKind } from './stream-name.js';

/** A value that at most one resource of a tenant may hold, such as a prepared userName. */
export interface Claim {
  readonly kind: string;
  readonly value: string;
}

/** What a decision must know beyond its own stream, loaded before it and checked by guards in the append. */
export interface FactSource<Command extends Message, Event extends Message, Facts> {
  /** Loads what the commands touch: work in the size of the commands, not of the resource. */
  load(tenantId: string, resourceId: string, commands: readonly Command[]): Promise<Facts>;
  /** Brings the facts up to date after an event decided in the same batch. May change `facts` in place. */
  follow(facts: Facts, event: Event): Facts;
  /** Streams that must still be open when the events are appended. */
  guards(tenantId: string, events: readonly Event[]): readonly StreamGuard[];
}

/** A decider and how its resource stands in the log. */
export interface StreamType<State, Command extends Message, Event extends Message, Facts = undefined> {
  readonly kind: StreamKind;
  readonly decider: Decider<State, Command, Event, Facts>;
  /** See ReadableStreamType. */
  readonly stateVersion?: number;
  readonly facts: FactSource<Command, Event, Facts>;
  /** The claims a resource in this state holds. */
  readonly claims: (state: State) => readonly Claim[];
  /** The resource is gone for good. */
  readonly isClosed: (state: State) => boolean;
}

/** For deciders whose stream tells all they need. */
export const noFacts: FactSource<Message, Message, undefined> = {
  load: async () => undefined,
  follow: () => undefined,
  guards: () => [],
};
