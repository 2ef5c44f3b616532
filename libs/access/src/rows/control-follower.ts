import { randomUUID } from 'node:crypto';
import { LessThan, type DataSource, type EntityManager } from 'typeorm';
import { controlStreamName, DomainError, type EventStore, type Recorded } from '#event-sourcing';
import type { ControlEvent, TenantRegistry } from '#tenancy';
import { isOutOfReach, untilInReach } from '../until-in-reach.js';
import { controlProjection } from './control-projection.js';
import { ControlActRow, ControlCheckpointRow } from './control-rows.js';

export interface ControlFollowerOptions {
  readonly sweepEveryMs: number;
  /** No append is still under way after this time: a mark older than that was left by a process that is gone. */
  readonly actMayLastMs: number;
  readonly now: () => Date;
  readonly onError: (tenantId: string | undefined, error: unknown) => void;
}

/**
 * Keeps the rows in step with the control streams. Each act is marked before its append and its rows are brought up to date after it, so they
 * show it when it is answered. What a process that died in between left behind is found by its mark, within a sweep; what a lost database left
 * behind is found at start. No tenant's whole sequence is ever read.
 */
export class ControlFollower {
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<void> | undefined;

  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly registry: TenantRegistry,
    private readonly options: ControlFollowerOptions,
  ) {}

  /** Runs an act on the tenant's control stream; when it resolves the rows show what it did. */
  async during<Result>(tenantId: string, act: () => Promise<Result>): Promise<Result> {
    const id = randomUUID();
    await this.database.manager.insert(ControlActRow, { id, tenantId, startedAt: this.options.now() });
    let result: Result;
    try {
      result = await act();
    } catch (error) {
      // Refused by the rules: nothing was written. After any other error it may have been, so the mark stays for the sweep.
      if (error instanceof DomainError) await this.database.manager.delete(ControlActRow, id);
      throw error;
    }
    await this.catchUp(tenantId);
    await this.database.manager.delete(ControlActRow, id);
    return result;
  }

  /** Applies what the tenant's stream has beyond the rows. */
  async catchUp(tenantId: string): Promise<void> {
    const checkpoint = await this.database.manager.findOneBy(ControlCheckpointRow, { tenantId });
    const from = (checkpoint?.revision ?? -1) + 1;
    const events: Recorded<ControlEvent>[] = [];
    for await (const recorded of this.store.readStream<ControlEvent>(tenantId, controlStreamName(tenantId), { from }))
      events.push(recorded);
    if (events.length > 0) await this.database.transaction((tx) => apply(tx, tenantId, events));
  }

  /** Catches up every tenant there is, then looks for marks left behind every `sweepEveryMs`. Waits while the log is out of reach. */
  async start(): Promise<void> {
    await untilInReach(
      () => this.catchUpAll(),
      (error) => this.options.onError(undefined, error),
    );
    this.timer = setInterval(() => {
      this.sweeping ??= this.sweep()
        .catch((error: unknown) => this.options.onError(undefined, error))
        .finally(() => {
          this.sweeping = undefined;
        });
    }, this.options.sweepEveryMs).unref();
  }

  private async catchUpAll(): Promise<void> {
    for await (const { tenantId } of this.registry.registered()) await this.catchUpOrTell(tenantId);
  }

  /** One tenant whose rows cannot be brought up to date does not hold up the others; a log out of reach does. */
  private async catchUpOrTell(tenantId: string): Promise<void> {
    try {
      await this.catchUp(tenantId);
    } catch (error) {
      if (isOutOfReach(error)) throw error;
      this.options.onError(tenantId, error);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.sweeping;
  }

  /** Brings up to date whose act was not finished by the process that began it. */
  async sweep(): Promise<void> {
    const { sweepEveryMs, actMayLastMs, now } = this.options;
    const before = (ms: number): Date => new Date(now().getTime() - ms);
    const left = await this.database.manager.findBy(ControlActRow, { startedAt: LessThan(before(sweepEveryMs)) });
    for (const tenantId of new Set(left.map((act) => act.tenantId))) await this.catchUpOrTell(tenantId);
    const over = left.filter(({ startedAt }) => startedAt < before(actMayLastMs));
    if (over.length > 0)
      await this.database.manager.delete(
        ControlActRow,
        over.map(({ id }) => id),
      );
  }
}

/** In one transaction with the checkpoint; what another process has applied meanwhile is left out. */
const apply = async (tx: EntityManager, tenantId: string, events: readonly Recorded<ControlEvent>[]): Promise<void> => {
  await tx
    .createQueryBuilder()
    .insert()
    .into(ControlCheckpointRow)
    .values({ tenantId, revision: -1 })
    .orIgnore()
    .execute();
  const { revision } = await tx.findOneOrFail(ControlCheckpointRow, {
    where: { tenantId },
    lock: { mode: 'pessimistic_write' },
  });
  const fresh = events.filter((recorded) => recorded.revision > revision);
  for (const recorded of fresh) await applyOne(recorded, tx);
  const last = fresh.at(-1);
  if (last !== undefined) await tx.update(ControlCheckpointRow, tenantId, { revision: last.revision });
};

const applyOne = async (recorded: Recorded<ControlEvent>, tx: EntityManager): Promise<void> => {
  const { type } = recorded.event;
  // A type from a newer release is that release's to apply; this one folds past it.
  if (!Object.hasOwn(controlProjection, type)) return;
  const handle = controlProjection[type] as (recorded: Recorded<ControlEvent>, tx: EntityManager) => Promise<unknown>;
  await handle(recorded, tx);
};
