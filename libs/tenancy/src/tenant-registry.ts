import {
  ConcurrencyConflict,
  controlStreamName,
  SYSTEM_TENANT,
  type EventMetadata,
  type EventStore,
  type Message,
} from '#event-sourcing';
import { idTaken, tenantDecider } from './tenant/tenant.js';

/** Stands in `control-system`: the list of all tenants there ever were. */
export type TenantRegistered = Message<'TenantRegistered', { tenantId: string }>;

export interface RegisteredTenant {
  readonly tenantId: string;
  readonly revision: number;
}

/**
 * Makes tenants. The tenant's own stream must not exist yet and stays for ever, so an id is unique and never used again (DESIGN §1);
 * `control-system` gets the id in the same append, so the list is complete.
 */
export class TenantRegistry {
  constructor(
    private readonly store: EventStore,
    private readonly now: () => Date,
  ) {}

  /** Durable when it resolves. Throws a TenancyError (`tenant-id-invalid`, `name-invalid`, `tenant-id-taken`) or as EventLog.append. */
  async create(tenant: { readonly tenantId: string; readonly displayName: string }, metadata: EventMetadata) {
    const command = { type: 'CreateTenant', data: tenant } as const;
    const events = tenantDecider.decide(command, tenantDecider.initialState(), undefined);
    const { tenantId } = tenant;
    const registered: TenantRegistered = { type: 'TenantRegistered', data: { tenantId } };
    try {
      await this.store.append({
        streams: [
          {
            tenantId,
            streamName: controlStreamName(tenantId),
            expected: 'no-stream',
            events: events.map((event) => ({ event, metadata })),
          },
          {
            tenantId: SYSTEM_TENANT,
            streamName: controlStreamName(SYSTEM_TENANT),
            expected: 'any',
            events: [{ event: registered, metadata }],
          },
        ],
        time: this.now(),
      });
    } catch (error) {
      throw error instanceof ConcurrencyConflict ? idTaken() : error;
    }
  }

  /** Every tenant registered at or after `from`, in the order they came. */
  async *registered(from = 0): AsyncGenerator<RegisteredTenant> {
    const stream = this.store.readStream<TenantRegistered>(SYSTEM_TENANT, controlStreamName(SYSTEM_TENANT), { from });
    for await (const { event, revision } of stream)
      if (event.type === 'TenantRegistered') yield { tenantId: event.data.tenantId, revision };
  }
}
