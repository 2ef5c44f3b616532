import type { Decider } from './decider.js';
import type { Message, Recorded } from './message.js';

/** A state and where in its stream it stands; revision -1 and no times for a stream that does not exist. */
export interface Folded<State> {
  readonly state: State;
  readonly revision: number;
  readonly createdAt: Date | undefined;
  readonly changedAt: Date | undefined;
}

type Evolver<State, Event extends Message> = Pick<Decider<State, never, Event, never>, 'initialState' | 'evolve'>;

export const unfolded = <State>(decider: Pick<Decider<State, never, never, never>, 'initialState'>): Folded<State> => ({
  state: decider.initialState(),
  revision: -1,
  createdAt: undefined,
  changedAt: undefined,
});

/** Folds one event onto what came before it. */
export const foldOne = <State, Event extends Message>(
  decider: Pick<Evolver<State, Event>, 'evolve'>,
  before: Folded<State>,
  recorded: Pick<Recorded<Event>, 'event' | 'revision' | 'time'>,
): Folded<State> => ({
  state: decider.evolve(before.state, recorded.event),
  revision: recorded.revision,
  createdAt: before.createdAt ?? recorded.time,
  changedAt: recorded.time,
});
