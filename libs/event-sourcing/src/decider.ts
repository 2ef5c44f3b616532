import type { Message } from './message.js';

/**
 * A resource's rules as three pure functions. `decide` answers a command with the facts it makes (none: nothing changes) or throws a
 * `DomainError`; `evolve` folds one fact into the state. Clock, ids and what must be known beyond the stream (`Facts`) come in.
 */
export interface Decider<State, Command extends Message, Event extends Message, Facts = undefined> {
  readonly initialState: () => State;
  readonly evolve: (state: State, event: Event) => State;
  readonly decide: (command: Command, state: State, facts: Facts) => readonly Event[];
}
