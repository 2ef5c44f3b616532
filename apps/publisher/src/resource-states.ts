import type { ResourceState } from '#contracts';
import {
  groupDecider,
  resourceDecider,
  userDecider,
  type DirectoryEvent,
  type GroupEvent,
  type ResourceEvent,
  type UserEvent,
} from '#directory';
import {
  foldOne,
  isStreamOf,
  LeastRecentlyUsed,
  parseStreamName,
  unfolded,
  type EventStore,
  type Folded,
  type Recorded,
} from '#event-sourcing';

const REMEMBERED = 10_000;

interface Remembered {
  readonly folded: Folded<State>;
  /** Personal values of an event are gone: what is left must not pass for the resource. */
  readonly erased: boolean;
}

type State =
  | ReturnType<typeof userDecider.evolve>
  | ReturnType<typeof groupDecider.evolve>
  | ReturnType<typeof resourceDecider.evolve>;
type Evolver = { readonly initialState: () => State; readonly evolve: (state: State, event: DirectoryEvent) => State };

/** Each stream is folded by the decider of its kind alone, so that state and event always fit. */
const users: Evolver = {
  initialState: userDecider.initialState,
  evolve: (state, event) => userDecider.evolve(state as Parameters<typeof userDecider.evolve>[0], event as UserEvent),
};
const groups: Evolver = {
  initialState: groupDecider.initialState,
  evolve: (state, event) => groupDecider.evolve(state, event as GroupEvent),
};
const resources: Evolver = {
  initialState: resourceDecider.initialState,
  evolve: (state, event) =>
    resourceDecider.evolve(state as Parameters<typeof resourceDecider.evolve>[0], event as ResourceEvent),
};

const evolverOf = (streamName: string): Evolver => {
  switch (parseStreamName(streamName).kind) {
    case 'user':
      return users;
    case 'resource':
      return resources;
    default:
      return groups;
  }
};

/** Resources as of an event: folded on from the last event of the same stream where that is remembered, else from the stream. */
export class ResourceStates {
  private readonly remembered = new LeastRecentlyUsed<Remembered>(REMEMBERED);

  constructor(private readonly store: Pick<EventStore, 'readStream'>) {}

  /** The resource right after the event; undefined when it is deleted then, or its subject is erased now. */
  async after(recorded: Recorded<DirectoryEvent>): Promise<ResourceState | undefined> {
    const known = await this.fold(recorded);
    const { state, createdAt } = known.folded;
    if (known.erased || state.status !== 'present') {
      this.remembered.delete(recorded.streamName); // nothing follows, and nothing personal stays in memory
      return undefined;
    }
    this.remembered.set(recorded.streamName, known);
    return {
      attributes: state.attributes,
      ...('active' in state ? { active: state.active } : {}),
      createdAt: createdAt ?? recorded.time,
    };
  }

  /** Drops what is at hand of a tenant. */
  forget(tenantId: string): void {
    this.remembered.deleteWhere((name) => isStreamOf(name, tenantId));
  }

  private async fold(recorded: Recorded<DirectoryEvent>): Promise<Remembered> {
    const evolver = evolverOf(recorded.streamName);
    const before = this.remembered.get(recorded.streamName);
    if (before?.folded.revision === recorded.revision) return before; // the same event once more, after a failure
    if (before?.folded.revision === recorded.revision - 1) return folded(evolver, before, recorded);
    let known: Remembered = { folded: unfolded(evolver), erased: false };
    if (recorded.revision === 0) return folded(evolver, known, recorded);
    const past = this.store.readStream<DirectoryEvent>(recorded.tenantId, recorded.streamName, {
      to: recorded.revision,
    });
    for await (const event of past) known = folded(evolver, known, event);
    return known;
  }
}

const folded = (evolver: Evolver, before: Remembered, recorded: Recorded<DirectoryEvent>): Remembered => ({
  folded: foldOne(evolver, before.folded, recorded),
  erased: before.erased || recorded.erased,
});
