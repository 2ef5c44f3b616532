import type { ControlQueries } from '#access';
import type { EventMetadata } from '#event-sourcing';
import type { ArtifactStore } from '../oauth/artifact-store.js';
import type { RunAct } from './administrator-acts.js';

/** Takes consents back: the grants end, and what was made of them is refused within seconds. */
export class Consents {
  constructor(
    private readonly artifacts: Pick<ArtifactStore, 'revokeGrantsOf'>,
    private readonly queries: Pick<ControlQueries, 'findClientsAuthorizedBy'>,
    private readonly run: RunAct,
  ) {}

  /** Of one client. */
  async revoke(tenantId: string, clientId: string, metadata: EventMetadata): Promise<void> {
    await this.run(tenantId, { type: 'RevokeOAuthClientAuthorization', data: { clientId } }, metadata);
    await this.artifacts.revokeGrantsOf({ clientId });
  }

  /** All that one administrator gave. */
  async revokeAllOf(tenantId: string, administratorId: string, metadata: EventMetadata): Promise<void> {
    await this.artifacts.revokeGrantsOf({ accountId: administratorId });
    for (const clientId of await this.queries.findClientsAuthorizedBy(tenantId, administratorId))
      await this.run(tenantId, { type: 'RevokeOAuthClientAuthorization', data: { clientId } }, metadata);
  }
}
