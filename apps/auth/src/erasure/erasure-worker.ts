import type { Logger } from 'pino';
import type { ControlFollower, ErasedTenant, TenantErasures } from '#access';
import type { EnvelopeSealer } from '#encryption';
import type { CommandRunner, EventMetadata } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import { controlStream } from '#tenancy';
import type { ErasureMetrics } from './erasure-metrics.js';
import type { ErasurePolicyWork } from './erasure-policy.js';
import { removeTenantRows } from './tenant-rows.js';

export interface ErasureWorkerPorts {
  readonly erasures: TenantErasures;
  readonly policy: ErasurePolicyWork;
  readonly runner: CommandRunner;
  readonly follower: ControlFollower;
  readonly sealer: Pick<EnvelopeSealer, 'eraseTenant'>;
  readonly database: TenantDatabase;
  readonly metrics: ErasureMetrics;
  readonly logger: Logger;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** A request that began before the tenant was erased is over by then, and has left nothing more behind. */
const REQUESTS_LAST_MS = 60_000;

/**
 * Ends off-boarded tenants whose time is over, removes what is left of them, and erases what tenants wish erased some days after its deletion.
 * Everything it does may be done twice, so that several processes, or one that was killed, do no harm; what fails is tried again.
 */
export class ErasureWorker {
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private stopping = false;

  constructor(
    private readonly ports: ErasureWorkerPorts,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), this.everyMs).unref();
  }

  /** There may be something to do now. */
  wake(): void {
    this.working ??= this.run().finally(() => {
      this.working = undefined;
    });
  }

  /** Makes everything of an erased tenant unreadable at once; the rest follows. */
  async destroyKeys(tenantId: string): Promise<void> {
    await this.ports.sealer.eraseTenant(tenantId);
    this.wake();
  }

  /** Finishes what it is at. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.working;
  }

  /** Everything that is due now. Never rejects. */
  async run(): Promise<void> {
    const { erasures, policy, now } = this.ports;
    await this.each(
      () => erasures.due(now()),
      (tenantId) => this.end(tenantId),
    );
    await this.each(
      () => erasures.uncleared(),
      (tenant) => this.clear(tenant),
    );
    await this.each(
      () => erasures.policies(),
      (wish) => policy.run(wish, now()),
    );
  }

  private async end(tenantId: string): Promise<void> {
    const { runner, follower, now, newId } = this.ports;
    const command = { type: 'EraseTenant', data: { at: now().toISOString() } } as const;
    const request = { tenantId, resourceId: '', command, metadata: byItself(newId()) };
    await follower.during(tenantId, () => runner.run(controlStream, request));
  }

  private async clear({ tenantId, erasedAt }: ErasedTenant): Promise<void> {
    const { sealer, database, erasures, metrics, logger, now } = this.ports;
    await sealer.eraseTenant(tenantId);
    const removed = await removeTenantRows(database, tenantId);
    if (removed > 0 || now().getTime() - erasedAt.getTime() < REQUESTS_LAST_MS) return;
    await erasures.cleared(tenantId, now());
    metrics.tenants.inc();
    logger.info({ tenantId }, 'an off-boarded tenant is erased');
  }

  private async each<Item>(find: () => Promise<readonly Item[]>, work: (item: Item) => Promise<void>): Promise<void> {
    try {
      for (const item of await find()) {
        if (this.stopping) return;
        await work(item).catch((error: unknown) => this.complain(error));
      }
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    this.ports.logger.warn({ err: error }, 'something that is due cannot be erased, trying again');
  }
}

const byItself = (id: string): EventMetadata => ({
  actor: { kind: 'system', id: 'erasure-worker' },
  requestId: id,
  correlationId: id,
  txn: id,
});
