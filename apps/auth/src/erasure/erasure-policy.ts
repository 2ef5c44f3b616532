import type { ErasurePolicy } from '#access';
import { deletions, type ResourceErasure } from '#directory';
import { parseStreamName, type EventLog, type EventMetadata, type StoredEvent } from '#event-sourcing';
import type { ProcessCheckpoints } from '#read-model';

const EVENTS_PER_READ = 1_000;
const DAY_MS = 86_400_000;
/** Deletions of an imported log may be older than what stood there before. */
const LOOK_AT_LEAST_EVERY_MS = 3_600_000;

export interface ErasurePolicyPorts {
  readonly log: Pick<EventLog, 'readTenant'>;
  readonly erasure: Pick<ResourceErasure, 'erase'>;
  readonly checkpoints: Pick<ProcessCheckpoints, 'take' | 'move'>;
  readonly onErased: (tenantId: string, resourceId: string) => void;
}

/**
 * Erases what was deleted so many days ago. Deletions stand in the log in the order of time, so how far it has come in the log is all there is to
 * remember; killed anywhere it does the last few again, which changes nothing.
 */
export class ErasurePolicyWork {
  /** When the next deletion of a tenant may be due, by tenant and days. */
  private readonly idleUntil = new Map<string, number>();

  constructor(private readonly ports: ErasurePolicyPorts) {}

  /** Catches up with one tenant; does nothing while another process has it. */
  async run({ tenantId, days }: ErasurePolicy, now: Date): Promise<void> {
    const { log, checkpoints } = this.ports;
    const name = `${tenantId}/${days}`;
    if (now.getTime() < (this.idleUntil.get(name) ?? 0)) return;
    const until = new Date(now.getTime() - days * DAY_MS);
    let sequence = await checkpoints.take(tenantId);
    while (sequence !== undefined) {
      const events = await log.readTenant(tenantId, sequence, EVENTS_PER_READ);
      const young = events.findIndex(({ time }) => time > until);
      const due = young < 0 ? events : events.slice(0, young);
      for (const event of due) if (deletions.has(event.type)) await this.erase(event);
      const last = due.at(-1);
      if (last !== undefined && !(await checkpoints.move(tenantId, last.sequence))) return;
      if (last === undefined || young >= 0) {
        const next = (events[young]?.time ?? now).getTime() + days * DAY_MS;
        this.idleUntil.set(name, Math.min(next, now.getTime() + LOOK_AT_LEAST_EVERY_MS));
        return;
      }
      sequence = last.sequence;
    }
  }

  private async erase(deleted: StoredEvent): Promise<void> {
    const { tenantId } = deleted;
    const { id: resourceId } = parseStreamName(deleted.streamName);
    await this.ports.erasure.erase({ tenantId, resourceId, force: false, metadata: causedBy(deleted) });
    this.ports.onErased(tenantId, resourceId);
  }
}

const causedBy = ({ id, metadata }: StoredEvent): EventMetadata => ({
  actor: { kind: 'system', id: 'erasure-policy' },
  requestId: metadata.requestId,
  correlationId: metadata.correlationId,
  causationId: id,
  txn: metadata.txn,
});
