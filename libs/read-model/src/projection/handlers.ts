import type { Message, Recorded } from '#event-sourcing';

/** One entry per event type, none optional: a new event does not build until every projection has answered it. */
export type Handlers<Event extends Message, Batch> = {
  readonly [T in Event['type']]: (recorded: Recorded<Extract<Event, { type: T }>>, batch: Batch) => void;
};
