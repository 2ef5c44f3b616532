import type { EventLog } from '#event-sourcing';
import type { CheckpointWatch } from './checkpoint-watch.js';
import { ReadModelBehind, ReadModelParked } from './query-errors.js';

/** What every statement of a query tells beside its rows, all in one snapshot. */
export interface ReadState {
  /** The tenant's last sequence in the log; undefined when the log is not in this database. */
  readonly head: number | undefined;
  readonly checkpoint: number;
  readonly parkedEventId: string | undefined;
}

/** Where the log's head is: beside the read model, so that one statement sees both, or elsewhere (KurrentDB), to be asked first. */
export type LogHead = 'same-database' | Pick<EventLog, 'head'>;

export interface ReadBarrierOptions {
  /** READ_WAIT_MS. */
  readonly waitMs: number;
  readonly head: LogHead;
  readonly monotonicMs: () => number;
}

/**
 * Read your writes, on every replica: an answer counts when the read model had come, in the statement's own snapshot, as far as the log was
 * when the request came (DESIGN §1).
 */
export class ReadBarrier {
  constructor(
    private readonly watch: CheckpointWatch,
    private readonly options: ReadBarrierOptions,
  ) {}

  get head(): LogHead {
    return this.options.head;
  }

  /** Runs `read` until its answer reflects every write acknowledged before the call. Throws ReadModelBehind or ReadModelParked. */
  async read<Answer extends { readonly state: ReadState }>(
    tenantId: string,
    read: () => Promise<Answer>,
  ): Promise<Answer> {
    const { waitMs, head, monotonicMs } = this.options;
    const deadline = monotonicMs() + waitMs;
    const known = head === 'same-database' ? undefined : await head.head(tenantId);
    let answer = await read();
    const wanted = known ?? answer.state.head ?? 0;
    while (answer.state.checkpoint < wanted) {
      if (answer.state.parkedEventId !== undefined) throw new ReadModelParked(answer.state.parkedEventId);
      const left = deadline - monotonicMs();
      if (left <= 0) throw new ReadModelBehind();
      await this.watch.wait(tenantId, wanted, left);
      answer = await read();
    }
    return answer;
  }
}
