import { Inject, Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { AcceptedRequests, type TakenRequest } from '#access';
import { isTransient } from '#read-model';
import { LOGGER } from '#runtime';
import { AcceptedWorkRunner, NotNow, type Outcome } from './accepted-work-runner.js';
import type { AcceptedWork } from './accepted-work.js';
import { Lease } from './lease.js';

/** A request that was accepted: when this process carries it out, what comes of it; else undefined, for another may. */
export interface Accepted {
  readonly outcome: Promise<Outcome | undefined> | undefined;
}

const LOOK_EVERY_MS = 1_000;
const PURGE_EVERY_MS = 60_000;
/** How many lanes a process works on at once. */
const MOST_AT_ONCE = 8;
const TRY_AGAIN_SECONDS = 2;

/** Accepts requests, and carries out what this and other replicas have accepted (RFC 9967 §2.5.1). */
@Injectable()
export class AsynchronousRequests implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly running = new Set<Promise<void>>();
  private timers: readonly NodeJS.Timeout[] = [];
  private closing = false;
  private readonly waiting: Gauge;

  constructor(
    @Inject(AcceptedRequests) private readonly requests: AcceptedRequests,
    private readonly runner: AcceptedWorkRunner,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(Registry) registry: Registry,
  ) {
    this.waiting = new Gauge({
      name: 'scim_async_requests_waiting',
      help: 'Requests that were accepted and are still to be carried out, all tenants and replicas together',
      registers: [registry],
    });
  }

  onApplicationBootstrap(): void {
    this.timers = [
      setInterval(() => void this.look(), LOOK_EVERY_MS).unref(),
      setInterval(() => void this.purge(), PURGE_EVERY_MS).unref(),
    ];
  }

  /** What was begun is ended; the rest is for other replicas, or for the next start. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    this.timers.forEach((timer) => clearInterval(timer));
    await Promise.all(this.running);
  }

  /** Durable when it resolves. Throws TooManyWaiting; errors of the database. */
  async accept(tenantId: string, work: AcceptedWork): Promise<Accepted> {
    const { actor, txn } = work.metadata;
    const acceptedAt = new Date();
    const takes = this.hasRoom;
    const content = { ...work };
    const isOurs = await this.requests.accept({ tenantId, txn, lane: `${actor.kind}:${actor.id}`, content, takes });
    if (!isOurs) return { outcome: undefined };
    const outcome = this.carryOut({ tenantId, txn, content, acceptedAt, leaseNumber: 1, attempts: 1 });
    this.inBackground(outcome.then(() => this.drain(tenantId)));
    return { outcome: outcome.catch(() => undefined) };
  }

  private get hasRoom(): boolean {
    return !this.closing && this.running.size < MOST_AT_ONCE;
  }

  private async look(): Promise<void> {
    try {
      const waiting = await this.requests.waiting();
      this.waiting.set([...waiting.values()].reduce((sum, one) => sum + one, 0));
      for (const tenantId of waiting.keys()) if (this.hasRoom) this.inBackground(this.drain(tenantId));
    } catch (error) {
      this.report(error, 'accepted requests cannot be looked for');
    }
  }

  private async purge(): Promise<void> {
    await this.requests.purge().catch((error: unknown) => this.report(error, 'old results cannot be removed'));
  }

  /** One after the other, until none is left whose turn it is. */
  private async drain(tenantId: string): Promise<void> {
    for (;;) {
      const taken = this.closing ? undefined : await this.requests.take(tenantId);
      if (taken === undefined) return;
      await this.carryOut(taken);
    }
  }

  /** Undefined when it has to be tried again, or another has taken it over. */
  private async carryOut(taken: TakenRequest): Promise<Outcome | undefined> {
    const lease = new Lease(taken, this.requests);
    try {
      // What was off-boarded with its tenant is never read again.
      if (taken.content === undefined) return void (await this.requests.complete(taken, {}));
      const outcome = await this.runner.run(taken, taken.content as unknown as AcceptedWork, () => lease.demand());
      await this.requests.complete(taken, { ...outcome.result });
      return outcome;
    } catch (error) {
      this.report(error, 'an accepted request is put off');
      if (error instanceof NotNow) await this.requests.postpone(taken, TRY_AGAIN_SECONDS);
      return undefined;
    } finally {
      lease.end();
    }
  }

  private inBackground(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => this.report(error, 'accepted requests cannot be carried out'))
      .finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private report(error: unknown, message: string): void {
    const passes = error instanceof NotNow || isTransient(error);
    this.logger[passes ? 'warn' : 'error']({ err: error }, message);
  }
}
