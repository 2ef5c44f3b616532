import { expect } from '@jest/globals';
import type { Decider, DomainError, Message } from '#event-sourcing';

/** What became of a command, to be said in one of three ways; each throws as jest's `expect` does. */
export interface Verdict<Event extends Message> {
  /** Exactly these facts, in this order. */
  then(...events: readonly Event[]): void;
  /** Accepted, and nothing changed. */
  thenNothing(): void;
  /** Refused by a DomainError with this code. */
  thenRefused(code: DomainError['code']): void;
}

export interface Specification<Command extends Message, Event extends Message, Facts> {
  given(...past: readonly Event[]): {
    /** `facts` may be left out only where the decider needs none. */
    when(command: Command, ...facts: undefined extends Facts ? [facts?: Facts] : [facts: Facts]): Verdict<Event>;
  };
}

/** Given what happened, when a command comes, then these facts: a decider's rules as sentences. */
export const specify = <State, Command extends Message, Event extends Message, Facts>(
  decider: Decider<State, Command, Event, Facts>,
): Specification<Command, Event, Facts> => ({
  given: (...past) => ({
    when: (command, ...[facts]) => {
      const decide = () => decider.decide(command, past.reduce(decider.evolve, decider.initialState()), facts as Facts);
      return {
        then: (...events) => expect(decide()).toEqual(events),
        thenNothing: () => expect(decide()).toEqual([]),
        thenRefused: (code) => expect(decide).toThrow(expect.objectContaining({ name: 'DomainError', code })),
      };
    },
  }),
});
