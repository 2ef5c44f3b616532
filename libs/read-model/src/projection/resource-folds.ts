import { foldOne, unfolded, type Decider, type Folded, type Message, type Recorded } from '#event-sourcing';
import { ProjectionFault } from './projection-fault.js';

type AnyStatus = Readonly<{ status: 'absent' | 'present' | 'deleted' }>;
export type Present<State extends AnyStatus> = Extract<State, { status: 'present' }>;

/** A resource as its row shows it. */
export interface StandingResource<State extends AnyStatus> {
  readonly id: string;
  readonly state: Present<State>;
  readonly revision: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** The resources of one type that a batch of events touches, folded by the decider's own `evolve`. */
export class ResourceFolds<State extends AnyStatus, Event extends Message> {
  private readonly before = new Map<string, StandingResource<State>>();
  private readonly current = new Map<string, Folded<State>>();

  constructor(private readonly decider: Pick<Decider<State, never, Event, never>, 'initialState' | 'evolve'>) {}

  /** Resources as they stood before the batch; those that are not there do not exist. */
  load(standing: readonly StandingResource<State>[]): void {
    for (const resource of standing) {
      this.before.set(resource.id, resource);
      this.current.set(resource.id, resource);
    }
  }

  /** Folds one event; an event that the row has seen already changes nothing. */
  fold(recorded: Recorded<Event>): void {
    const before = this.current.get(recorded.resourceId) ?? unfolded(this.decider);
    if (recorded.revision <= before.revision) return;
    if (before.state.status === 'absent' && recorded.revision > 0 && !endsResource(this.decider, before, recorded))
      throw new ProjectionFault('row-missing', 'The read model has no row for a resource whose stream goes on.');
    this.current.set(recorded.resourceId, foldOne(this.decider, before, recorded));
  }

  /** Rows to write: resources that are there now and have changed. */
  changed(): readonly StandingResource<State>[] {
    const changed: StandingResource<State>[] = [];
    for (const [id, { state, revision, createdAt, changedAt }] of this.current) {
      if (!isPresent(state) || createdAt === undefined || changedAt === undefined) continue;
      if (this.before.get(id)?.revision !== revision) changed.push({ id, state, revision, createdAt, changedAt });
    }
    return changed;
  }

  /** Ids whose row, if there is one, has to go. */
  gone(): readonly string[] {
    return [...this.current].flatMap(([id, { state }]) => (isPresent(state) ? [] : [id]));
  }

  /** The resource as it stood before the batch. */
  standing(id: string): StandingResource<State> | undefined {
    return this.before.get(id);
  }

  /** How many resources there are more (or fewer) than before. */
  difference(): number {
    return this.differences(() => 'all').get('all') ?? 0;
  }

  /** The same by what `groupOf` says of each; groups without a difference may be there. */
  differences(groupOf: (state: Present<State>) => string): ReadonlyMap<string, number> {
    const differences = new Map<string, number>();
    const count = (state: Present<State>, by: number) => {
      const group = groupOf(state);
      differences.set(group, (differences.get(group) ?? 0) + by);
    };
    for (const { state } of this.before.values()) count(state, -1);
    for (const { state } of this.current.values()) if (isPresent(state)) count(state, 1);
    return differences;
  }
}

const isPresent = <State extends AnyStatus>(state: State): state is Present<State> => state.status === 'present';

/** After a deletion the row is gone, and what follows in the stream (an erasure) finds none: only such events may. */
const endsResource = <State extends AnyStatus, Event extends Message>(
  decider: Pick<Decider<State, never, Event, never>, 'evolve'>,
  before: Folded<State>,
  { event }: Recorded<Event>,
): boolean => decider.evolve(before.state, event).status === 'deleted';
