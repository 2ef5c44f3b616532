import { isErasure } from '#directory';
import { SYSTEM_TENANT, type EventLog, type Recorded } from '#event-sourcing';
import {
  directoryProjection,
  type FillingBehind,
  type FillingStatus,
  type LogHead,
  type Sweeper,
  type TableStatistics,
} from '#read-model';
import { FillingWorker, type FillingWorkerOptions, type FillingWorkerPorts } from './filling-worker.js';
import { KeyedQueue, type Outcome } from './keyed-queue.js';

export interface ProjectorPorts extends Omit<FillingWorkerPorts, 'onApplied' | 'onPromoted'> {
  readonly eventLog: EventLog;
  readonly sweeper: Sweeper;
  readonly statistics: Pick<TableStatistics, 'grew' | 'erased' | 'close'>;
  /** Hears that a tenant's user or group was deleted. */
  readonly onDeleted: (tenantId: string) => void;
}

export interface ProjectorOptions extends FillingWorkerOptions {
  /** How often the log is asked for news that no wake-up told of. */
  readonly pollMs: number;
  /** How often read models are looked over for those to be rebuilt. */
  readonly lookForOutdatedMs: number;
  /** Tenants brought forward at once. */
  readonly concurrency: number;
  /** Where the heads of the log are. */
  readonly heads: 'same-database' | 'event-log';
}

export const defaultProjectorOptions = {
  batchEvents: 1000,
  retryParkedMs: 30_000,
  trustMs: 500,
  lingerMs: [4, 8, 16, 32],
  pollMs: 200,
  lookForOutdatedMs: 60_000,
  concurrency: 4,
  heads: 'same-database',
} as const satisfies Omit<ProjectorOptions, 'worker'>;

/** Keeps the read models of all tenants at the head of the log: woken by the log, polling as the truth (DESIGN §4). */
export class Projector {
  private readonly live: FillingWorker;
  private readonly building: FillingWorker;
  private readonly queues: Readonly<Record<'live' | 'building' | 'sweep', KeyedQueue>>;
  private readonly behindSince = new Map<string, number>();
  private readonly swept = new Set<string>();
  private readonly stopping = new AbortController();
  private lookForOutdatedAt = 0;
  private polled: { readonly at: number; readonly error: unknown } = { at: 0, error: new Error('not started') };
  private wakeUp: () => void = () => undefined;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly ports: ProjectorPorts,
    private readonly options: ProjectorOptions,
  ) {
    const hooks = {
      onApplied: (tenantId: string, events: readonly Recorded[]) => this.noticed(tenantId, events),
      onPromoted: (tenantId: string) => this.promoted(tenantId),
    };
    this.live = new FillingWorker('live', { ...ports, ...hooks }, options);
    this.building = new FillingWorker('building', { ...ports, ...hooks }, options);
    this.queues = {
      live: new KeyedQueue(options.concurrency, (tenantId) => this.live.catchUp(tenantId)),
      building: new KeyedQueue(1, (tenantId) => this.building.catchUp(tenantId)),
      sweep: new KeyedQueue(1, (tenantId) => this.sweep(tenantId)),
    };
  }

  /** Begins in the background, at once or when the database is there. */
  start(): void {
    this.running = this.run();
  }

  /** Finishes the batches under way and lets other projectors take over. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wakeUp();
    this.live.stop();
    this.building.stop();
    await Promise.all([this.running, ...Object.values(this.queues).map((queue) => queue.stop())]);
    await this.ports.statistics.close();
    await this.ports.generations.release(this.options.worker).catch(() => undefined); // they run out by themselves
  }

  /** Throws while the projector cannot see the log or its own tables. */
  check(): void {
    if (this.polled.error !== undefined) throw new Error('the projector cannot reach the log or the read models');
  }

  private async run(): Promise<void> {
    const { eventLog, log } = this.ports;
    const subscription = await eventLog
      .subscribe((tenantId) => this.woken(tenantId))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'no wake-ups from the log: polling alone');
        return undefined;
      });
    while (!this.stopping.signal.aborted) {
      try {
        await this.rebuildOutdated();
        await this.poll();
        // What was erased while nobody was here to gather statistics, or by a process that ended before it had.
        if (this.polled.error !== undefined) this.ports.statistics.erased();
        this.polled = { at: performance.now(), error: undefined };
      } catch (error) {
        if (this.polled.error === undefined) log.warn({ err: error }, 'the log cannot be asked for news, trying again');
        this.polled = { at: performance.now(), error };
      }
      await this.pause();
    }
    await subscription?.close();
  }

  private woken(tenantId: string | undefined): void {
    if (tenantId === undefined) this.wakeUp();
    else if (tenantId !== SYSTEM_TENANT) this.queues.live.add(tenantId);
  }

  private async pause(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.pollMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Looks at the start, when a tenant wants something else, and now and then, in case another projector died before it looked. */
  private async rebuildOutdated(): Promise<void> {
    if (performance.now() < this.lookForOutdatedAt) return;
    this.lookForOutdatedAt = performance.now() + this.options.lookForOutdatedMs;
    const fillings = await this.ports.generations.all();
    for (const { tenantId } of fillings) this.sweepOnce(tenantId);
    for (const filling of fillings.filter(isOutdated)) await this.ports.generations.rebuild(filling.tenantId);
  }

  /** What processes that are gone left unswept is looked for once, though nothing may ever happen to the tenant again. */
  private sweepOnce(tenantId: string): void {
    if (this.swept.has(tenantId)) return;
    this.swept.add(tenantId);
    this.queues.sweep.add(tenantId);
  }

  private lookForOutdated(): void {
    this.lookForOutdatedAt = 0;
    this.wakeUp();
  }

  private async poll(): Promise<void> {
    const heads = this.options.heads === 'same-database' ? this.options.heads : await this.ports.eventLog.heads();
    const behind = (await this.ports.generations.behind(heads)).filter(({ tenantId }) => tenantId !== SYSTEM_TENANT);
    this.measure(behind.filter(({ status }) => status === 'live'));
    for (const { tenantId, status, leasedBy } of behind) {
      if (leasedBy !== undefined && leasedBy !== this.options.worker) continue;
      this.queues[status].add(tenantId);
    }
  }

  private measure(behind: readonly FillingBehind[]): void {
    const { metrics } = this.ports;
    const now = performance.now();
    const tenants = new Set(behind.map(({ tenantId }) => tenantId));
    for (const tenantId of this.behindSince.keys()) if (!tenants.has(tenantId)) this.behindSince.delete(tenantId);
    for (const tenantId of tenants) if (!this.behindSince.has(tenantId)) this.behindSince.set(tenantId, now);
    metrics.lagEvents.set(behind.reduce((total, { head, sequence }) => total + head - sequence, 0));
    metrics.lagSeconds.set(Math.max(0, ...[...this.behindSince.values()].map((since) => (now - since) / 1000)));
    metrics.parkedTenants.set(behind.filter(({ isParked }) => isParked).length);
  }

  private noticed(tenantId: string, events: readonly Recorded[]): void {
    this.ports.statistics.grew(events.length);
    const types = new Set(events.map(({ event }) => event.type));
    if (types.has('TenantSettingsChanged')) this.lookForOutdated();
    this.sweepOnce(tenantId);
    if (types.has('GroupDeleted')) this.queues.sweep.add(tenantId);
    if (events.some(({ event }) => isErasure(event))) this.ports.statistics.erased();
    if (types.has('UserDeleted') || types.has('GroupDeleted')) this.ports.onDeleted(tenantId);
  }

  private promoted(tenantId: string): void {
    this.live.forget(tenantId);
    this.queues.live.add(tenantId);
    this.queues.sweep.add(tenantId);
    this.lookForOutdated(); // the tenant may have changed its mind while it was filled
  }

  private async sweep(tenantId: string): Promise<Outcome> {
    try {
      let swept = false;
      while (!this.stopping.signal.aborted && (await this.ports.sweeper.sweep(tenantId))) swept = true;
      if (swept) this.ports.statistics.erased(); // perhaps all that there was of an erased tenant
      return undefined;
    } catch (error) {
      this.ports.log.warn({ err: error, tenantId }, 'rows that nothing shows could not be removed, trying again');
      return { againAfterMs: 5_000 };
    }
  }
}

/** Rows of another shape, or of other attributes, than they should be by now: new ones are filled beside those that serve. */
const isOutdated = ({ status, version, indexes, wantedIndexes }: FillingStatus): boolean =>
  status === 'live' && (version !== directoryProjection.version || indexes.join() !== wantedIndexes.join());

/** Where the projector finds heads, given where queries find them. */
export const headsFor = (head: LogHead): ProjectorOptions['heads'] => (head === 'same-database' ? head : 'event-log');
