import type { Position, ResolvedEvent, SubscribeToAllOptions } from '@kurrent/kurrentdb-client';
import { EventLogUnavailable, type Subscription, type WakeUp } from '#event-sourcing';
import type { KurrentClient, KurrentSubscription } from './kurrent-client.js';
import { HEAD_PREFIX, tenantOfHead } from './stream-names.js';

/** How far the follower of `$all` is, and the heads as of there. */
export interface HeadCheckpoint {
  readonly position: Position | undefined;
  readonly heads: ReadonlyMap<string, number>;
}

/** Where a checkpoint outlives the process, so that the next one does not read the log from its beginning. */
export abstract class HeadCheckpoints {
  abstract load(): Promise<HeadCheckpoint>;

  /** Keeps the later position and the higher heads when several processes save. */
  abstract save(position: Position, heads: ReadonlyMap<string, number>): Promise<void>;
}

export interface FollowTiming {
  readonly reconnectAfterMs: { readonly first: number; readonly most: number };
  readonly saveEveryMs: number;
  /** How long `all` waits for the follower to catch up. */
  readonly waitMs: number;
}

/**
 * Every tenant's head as far as this process knows, by one filtered subscription to `$all`: after a drop it goes on from where it was. What it
 * says may be old, never too high; `head(tenant)` of the log asks the server.
 */
export class TenantHeads {
  private readonly heads = new Map<string, number>();
  private readonly unsaved = new Map<string, number>();
  private readonly listeners = new Set<WakeUp>();
  private position: Position | undefined;
  private started: Promise<void> | undefined;
  private subscription: KurrentSubscription | undefined;
  private isLive = false;
  private closed = false;
  private saving: Promise<void> = Promise.resolve();
  private saveTimer: NodeJS.Timeout | undefined;
  private retryTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: KurrentClient,
    private readonly checkpoints: HeadCheckpoints,
    private readonly timing: FollowTiming,
  ) {}

  /** The highest sequence heard of; undefined when none was. */
  known(tenantId: string): number | undefined {
    return this.heads.get(tenantId);
  }

  /** This process has read or written it. */
  learn(tenantId: string, sequence: number): void {
    if (sequence > (this.heads.get(tenantId) ?? 0)) this.heads.set(tenantId, sequence);
  }

  /** Learns it and wakes this process at once; others hear of it by their own subscriptions. */
  appended(tenantId: string, sequence: number): void {
    this.learn(tenantId, sequence);
    this.tell(tenantId);
  }

  /** Heads of all tenants. Throws EventLogUnavailable while the follower has never caught up. */
  async all(): Promise<ReadonlyMap<string, number>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new EventLogUnavailable('The log is still being followed from its last checkpoint.');
      timer = setTimeout(() => reject(error), this.timing.waitMs);
    });
    try {
      await Promise.race([this.start(), late]);
    } finally {
      clearTimeout(timer);
    }
    return new Map(this.heads);
  }

  async subscribe(wake: WakeUp): Promise<Subscription> {
    this.listeners.add(wake);
    void this.start();
    return {
      close: async () => {
        this.listeners.delete(wake);
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    this.listeners.clear();
    clearTimeout(this.saveTimer);
    clearTimeout(this.retryTimer);
    await this.subscription?.unsubscribe().catch(() => undefined);
    await this.save();
  }

  /** Resolves when the subscription has caught up for the first time. */
  private start(): Promise<void> {
    this.started ??= new Promise((resolve) => void this.follow(this.timing.reconnectAfterMs.first, resolve));
    return this.started;
  }

  private async follow(retryAfterMs: number, caughtUp: () => void): Promise<void> {
    if (this.closed) return;
    const again = () => this.again(retryAfterMs, caughtUp);
    try {
      if (this.position === undefined) await this.load();
      if (!this.closed) this.listen(again, caughtUp);
    } catch {
      again();
    }
  }

  private async load(): Promise<void> {
    const { position, heads } = await this.checkpoints.load();
    this.position = position;
    for (const [tenantId, sequence] of heads) this.learn(tenantId, sequence);
  }

  private listen(again: () => void, caughtUp: () => void): void {
    const subscription = this.client.subscribeToAll(this.options());
    const drop = () => {
      if (this.subscription !== subscription) return;
      this.subscription = undefined;
      this.isLive = false;
      void subscription.unsubscribe().catch(() => undefined);
      again();
    };
    this.subscription = subscription;
    subscription.on('data', (read) => this.heard(read));
    subscription.on('caughtUp', () => {
      this.isLive = true;
      caughtUp();
      this.tell(undefined); // what came while there was no subscription was not told one by one
      this.saveSoon();
    });
    subscription.on('error', drop);
    subscription.on('end', drop);
  }

  private options(): SubscribeToAllOptions {
    return {
      fromPosition: this.position ?? 'start',
      filter: {
        filterOn: 'streamName',
        prefixes: [HEAD_PREFIX],
        checkpointInterval: 32, // times 32 records looked at
        checkpointReached: (_, position) => {
          this.position = position; // nothing of ours up to here: others may fill a server for long
          this.saveSoon();
        },
      },
    };
  }

  private heard({ event }: ResolvedEvent): void {
    // The server compares prefixes by the rules of a language, to which some characters are nothing.
    if (event?.streamId.startsWith(HEAD_PREFIX) !== true) return;
    const tenantId = tenantOfHead(event.streamId);
    const sequence = Number(event.revision) + 1;
    this.learn(tenantId, sequence);
    this.unsaved.set(tenantId, sequence);
    this.position = event.position ?? this.position;
    if (this.isLive) this.tell(tenantId);
    this.saveSoon();
  }

  private again(afterMs: number, caughtUp: () => void): void {
    if (this.closed) return;
    const next = Math.min(afterMs * 2, this.timing.reconnectAfterMs.most);
    this.retryTimer = setTimeout(() => void this.follow(next, caughtUp), afterMs).unref();
  }

  private tell(tenantId: string | undefined): void {
    for (const wake of this.listeners) queueMicrotask(() => wake(tenantId));
  }

  private saveSoon(): void {
    if (this.closed || this.saveTimer !== undefined) return;
    this.saveTimer = setTimeout(() => {
      this.saveTimer = undefined;
      void this.save();
    }, this.timing.saveEveryMs).unref();
  }

  /** A checkpoint that is not saved costs the next process time, nothing else. */
  private save(): Promise<void> {
    this.saving = this.saving.then(async () => {
      const { position } = this;
      if (position === undefined) return;
      const heads = new Map(this.unsaved);
      this.unsaved.clear();
      try {
        await this.checkpoints.save(position, heads);
      } catch {
        for (const [tenantId, sequence] of heads)
          this.unsaved.set(tenantId, Math.max(sequence, this.unsaved.get(tenantId) ?? 0));
      }
    });
    return this.saving;
  }
}
