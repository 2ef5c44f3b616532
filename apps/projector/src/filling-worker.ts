import type { Recorded } from '#event-sourcing';
import {
  isTransient,
  ProjectionFault,
  type Applied,
  type CheckpointSignal,
  type DirectoryProjector,
  type Filling,
  type Generations,
} from '#read-model';
import { Backoff } from './backoff.js';
import type { Outcome } from './keyed-queue.js';
import type { Log } from './log.js';
import type { ProjectorMetrics } from './projector-metrics.js';

export interface FillingWorkerPorts {
  readonly projector: DirectoryProjector;
  readonly generations: Generations;
  readonly metrics: ProjectorMetrics;
  readonly log: Log;
  /** Tells queries in this process how far the live read model is. */
  readonly signal: CheckpointSignal;
  /** Hears of what was applied to the live read model. */
  readonly onApplied: (tenantId: string, events: readonly Recorded[]) => void;
  /** Hears that another filling is the live one. */
  readonly onPromoted: (tenantId: string) => void;
}

export interface FillingWorkerOptions {
  readonly worker: string;
  readonly batchEvents: number;
  /** A parked tenant is tried again so often: a new release may know the event. */
  readonly retryParkedMs: number;
  /**
   * When to look at a tenant again that had events a moment ago, time after time: wake-ups of other processes come at most every 50 ms, and
   * somebody may be waiting to read what he wrote.
   */
  readonly lingerMs: readonly number[];
  /** How long our own word for a checkpoint is good without asking the database. */
  readonly trustMs: number;
}

const LONGEST_BREATHER_MS = 20;

/**
 * As long a pause as the work took: under a steady stream of writes the next batch gathers in it, instead of each event becoming a transaction of
 * its own that competes with the appends. A lone write does not notice.
 */
const breather = (began: number): Outcome => ({
  againAfterMs: Math.min(LONGEST_BREATHER_MS, performance.now() - began),
});

/** Brings live or building fillings to the head of the log, one tenant a call. */
export class FillingWorker {
  private readonly backoff = new Backoff();
  private readonly known = new Map<string, { readonly filling: Filling; readonly until: number }>();
  private readonly looked = new Map<string, number>();
  private readonly saidParked = new Map<string, string>();
  private stopping = false;

  constructor(
    private readonly status: Filling['status'],
    private readonly ports: FillingWorkerPorts,
    private readonly options: FillingWorkerOptions,
  ) {}

  /** Stops after the batch under way. */
  stop(): void {
    this.stopping = true;
  }

  /** The tenant's fillings have changed by other hands. */
  forget(tenantId: string): void {
    this.known.delete(tenantId);
  }

  /** Applies what there is. Never rejects: what may heal is tried again later. */
  async catchUp(tenantId: string): Promise<Outcome> {
    try {
      const filling = await this.fillingOf(tenantId);
      if (filling === undefined || (filling.leasedBy ?? this.options.worker) !== this.options.worker) return undefined;
      const outcome = await this.drain(filling);
      this.backoff.succeeded(tenantId);
      return outcome;
    } catch (error) {
      this.forget(tenantId);
      const againAfterMs = this.backoff.failed(tenantId);
      const level = isTransient(error) ? 'warn' : 'error';
      this.ports.log[level](
        { err: error, tenantId, againAfterMs },
        'the read model cannot be brought forward, trying again',
      );
      return { againAfterMs };
    }
  }

  private async fillingOf(tenantId: string): Promise<Filling | undefined> {
    const known = this.known.get(tenantId);
    if (known !== undefined && known.until > performance.now()) return known.filling;
    return (await this.ports.generations.begin(tenantId)).find(({ status }) => status === this.status);
  }

  private async drain(start: Filling): Promise<Outcome> {
    const began = performance.now();
    let filling = start;
    let events = await this.read(filling);
    while (!this.stopping) {
      if (events instanceof ProjectionFault)
        return this.parked(filling, await this.ports.projector.parkUnreadable(filling, events));
      if (events.length === 0) return this.settle(filling);
      // A full batch has more behind it: fetch that while this one is written.
      const ahead = events.length < this.options.batchEvents ? undefined : this.readAhead(filling, events);
      const applied = await this.ports.projector.apply(filling, events);
      if (applied.kind !== 'applied') return this.parked(filling, applied);
      this.applied(applied);
      const all = applied.events.length === events.length;
      filling = applied.filling;
      if (all && ahead === undefined) return breather(began);
      events = all && ahead !== undefined ? await ahead : await this.read(filling);
    }
    return undefined;
  }

  private async read(from: Pick<Filling, 'tenantId' | 'sequence'>): Promise<readonly Recorded[] | ProjectionFault> {
    try {
      return await this.ports.projector.read(from);
    } catch (error) {
      if (error instanceof ProjectionFault) return error;
      throw error;
    }
  }

  private readAhead({ tenantId, sequence }: Filling, events: readonly Recorded[]): ReturnType<FillingWorker['read']> {
    const ahead = this.read({ tenantId, sequence: sequence + events.length });
    ahead.catch(() => undefined); // whoever awaits it hears of the failure; it may be that nobody does
    return ahead;
  }

  private applied({ filling, events }: Extract<Applied, { kind: 'applied' }>): void {
    const { metrics, signal, log, onApplied } = this.ports;
    const { tenantId, sequence } = filling;
    this.known.set(tenantId, { filling, until: performance.now() + this.options.trustMs });
    metrics.events.inc(events.length);
    const last = events.at(-1);
    if (this.saidParked.delete(tenantId)) log.info({ tenantId, sequence }, 'the read model goes on');
    if (this.status !== 'live') return;
    this.looked.set(tenantId, 0);
    if (last !== undefined) metrics.delay.observe(Math.max(0, Date.now() - last.time.getTime()) / 1000);
    signal.moved(tenantId, sequence);
    onApplied(tenantId, events);
  }

  private parked({ tenantId }: Filling, outcome: Applied): Outcome {
    this.forget(tenantId);
    if (outcome.kind === 'ended') return this.ended(tenantId);
    if (outcome.kind !== 'parked') return { againAfterMs: 5 }; // look again: another worker has it, or another generation is live
    const { event, cause } = outcome;
    if (this.saidParked.get(tenantId) !== event.eventId)
      this.ports.log.error(
        { err: describe(cause), tenantId, ...event },
        'an event cannot be applied: the read model of this tenant stands still',
      );
    this.saidParked.set(tenantId, event.eventId);
    return { againAfterMs: this.options.retryParkedMs };
  }

  private ended(tenantId: string): undefined {
    this.saidParked.delete(tenantId);
    this.ports.log.info({ tenantId }, 'the tenant was erased: its read model is empty, and its rows are being removed');
    this.ports.onPromoted(tenantId);
  }

  private linger(tenantId: string): Outcome {
    const looks = this.looked.get(tenantId);
    if (looks === undefined) return undefined;
    const lookAfterMs = this.options.lingerMs[looks];
    if (lookAfterMs === undefined) this.looked.delete(tenantId);
    else this.looked.set(tenantId, looks + 1);
    return lookAfterMs === undefined ? undefined : { lookAfterMs };
  }

  /** At the head: a building generation becomes the live one. */
  private async settle(filling: Filling): Promise<Outcome> {
    if (this.status === 'live') return this.linger(filling.tenantId);
    if (!(await this.ports.generations.promote(filling))) return { againAfterMs: 0 };
    this.forget(filling.tenantId);
    this.ports.log.info({ tenantId: filling.tenantId, generation: filling.generation }, 'a rebuilt read model is live');
    this.ports.onPromoted(filling.tenantId);
    return undefined;
  }
}

/** Without the database's own words: its details may quote values of a row. */
const describe = (error: Error): object => {
  const cause = error.cause;
  const inner =
    cause instanceof Error
      ? { cause: cause.name, sqlState: 'code' in cause ? String(cause.code) : undefined, stack: framesOf(cause) }
      : {};
  return { message: error.message, ...inner };
};

const framesOf = (error: Error): readonly string[] =>
  (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 5);
