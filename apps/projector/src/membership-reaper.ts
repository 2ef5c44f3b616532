import { groupStream, type GroupCommand } from '#directory';
import {
  SYSTEM_TENANT,
  type CommandRunner,
  type EdgeIndex,
  type EventLog,
  type EventMetadata,
  type StoredEvent,
} from '#event-sourcing';
import { parseStreamName } from '#event-sourcing';
import type { ProcessCheckpoints } from '#read-model';
import { Backoff } from './backoff.js';
import { KeyedQueue, type Outcome } from './keyed-queue.js';
import type { Log } from './log.js';

export interface MembershipReaperPorts {
  readonly log: EventLog;
  readonly edges: EdgeIndex;
  readonly runner: CommandRunner;
  readonly checkpoints: ProcessCheckpoints;
  readonly logger: Log;
}

export interface MembershipReaperOptions {
  readonly batchEvents: number;
  /** How often tenants are looked at that nobody told of. */
  readonly pollMs: number;
}

export const defaultReaperOptions: MembershipReaperOptions = { batchEvents: 1000, pollMs: 1000 };

const GROUPS_AT_ONCE = 200;

/**
 * Records, in each group of its own, that a deleted member left it: the edges vanished with the deletion, the facts follow here (DESIGN §4).
 * A process on the log with a checkpoint: killed anywhere, it goes on, and what it has recorded already is no longer dangling.
 */
export class MembershipReaper {
  private readonly queue = new KeyedQueue(1, (tenantId) => this.catchUp(tenantId));
  private readonly backoff = new Backoff();
  private readonly stream: ReturnType<typeof groupStream>;
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly ports: MembershipReaperPorts,
    private readonly options: MembershipReaperOptions = defaultReaperOptions,
  ) {
    this.stream = groupStream(ports.log, ports.edges);
  }

  start(): void {
    this.timer = setInterval(() => {
      this.polling = this.poll();
    }, this.options.pollMs);
  }

  /** A member of this tenant was deleted: look now. */
  wake(tenantId: string): void {
    this.queue.add(tenantId);
  }

  /** Finishes the batch under way and lets other processes take over. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.polling;
    await this.queue.stop();
    await this.ports.checkpoints.release().catch(() => undefined); // they run out by themselves
  }

  private async poll(): Promise<void> {
    try {
      const [heads, reached] = await Promise.all([this.ports.log.heads(), this.ports.checkpoints.all()]);
      for (const [tenantId, head] of heads)
        if (tenantId !== SYSTEM_TENANT && (reached.get(tenantId) ?? 0) < head) this.queue.add(tenantId);
    } catch (error) {
      this.ports.logger.debug({ err: error }, 'deletions cannot be looked for, trying again');
    }
  }

  private async catchUp(tenantId: string): Promise<Outcome> {
    try {
      let sequence = await this.ports.checkpoints.take(tenantId);
      while (sequence !== undefined && !this.stopping) {
        const events = await this.ports.log.readTenant(tenantId, sequence, this.options.batchEvents);
        const last = events.at(-1);
        if (last === undefined) break;
        for (const event of events)
          if (event.type === 'UserDeleted' || event.type === 'GroupDeleted') await this.reap(event);
        sequence = (await this.ports.checkpoints.move(tenantId, last.sequence)) ? last.sequence : undefined;
      }
      this.backoff.succeeded(tenantId);
      return undefined;
    } catch (error) {
      const againAfterMs = this.backoff.failed(tenantId);
      this.ports.logger.warn({ err: error, tenantId, againAfterMs }, 'a lost member cannot be recorded, trying again');
      return { againAfterMs };
    }
  }

  /** Every group that had the deleted member, a page at a time. */
  private async reap(deleted: StoredEvent): Promise<void> {
    const { id: member } = parseStreamName(deleted.streamName);
    for (;;) {
      const groups = await this.ports.edges.dangling(deleted.tenantId, member, GROUPS_AT_ONCE);
      if (groups.length === 0) return;
      await Promise.all(groups.map((groupId) => this.recordLoss(deleted, member, groupId)));
      if (!(await this.ports.checkpoints.move(deleted.tenantId, deleted.sequence - 1))) return; // another worker took over
    }
  }

  private async recordLoss(deleted: StoredEvent, member: string, groupId: string): Promise<void> {
    const command: GroupCommand = {
      type: 'RecordMemberLoss',
      data: { member, cause: { kind: 'member-deleted', eventId: deleted.id } },
    };
    const request = { tenantId: deleted.tenantId, resourceId: groupId, command, metadata: causedBy(deleted) };
    await this.ports.runner.run(this.stream, request);
  }
}

const causedBy = ({ id, metadata }: StoredEvent): EventMetadata => ({
  actor: { kind: 'system', id: 'membership-reaper' },
  requestId: metadata.requestId,
  correlationId: metadata.correlationId,
  causationId: id,
  txn: metadata.txn,
  ...(metadata.traceparent === undefined ? {} : { traceparent: metadata.traceparent }),
});
