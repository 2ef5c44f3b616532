import { randomUUID } from 'node:crypto';
import type { Actor, EventMetadata } from '#event-sourcing';
import type { ControlCommand } from '#tenancy';

/** Runs a command on the control stream of a tenant; resolves when the rows show it. */
export type RunAct = (tenantId: string, command: ControlCommand, metadata: EventMetadata) => Promise<unknown>;

/** What administrators and clients do by themselves, as events under their own name. */
export class AdministratorActs {
  constructor(private readonly run: RunAct) {}

  /** A password was chosen by a one-time link. */
  async activated(tenantId: string, administratorId: string): Promise<void> {
    await this.run(tenantId, { type: 'ActivateAdministrator', data: { administratorId } }, by(administratorId));
  }

  async signedIn(
    tenantId: string,
    data: { readonly administratorId: string; readonly clientId: string },
  ): Promise<void> {
    await this.run(tenantId, { type: 'SignInAdministrator', data }, by(data.administratorId));
  }

  async authorized(
    tenantId: string,
    data: { readonly administratorId: string; readonly clientId: string },
  ): Promise<void> {
    await this.run(tenantId, { type: 'AuthorizeOAuthClient', data }, by(data.administratorId));
  }

  /** The client gave its access back, or used a refresh token twice. */
  async gaveBack(tenantId: string, clientId: string): Promise<void> {
    const metadata = metadataOf({ kind: 'client', id: clientId });
    await this.run(tenantId, { type: 'RevokeOAuthClientAuthorization', data: { clientId } }, metadata);
  }
}

const by = (id: string): EventMetadata => metadataOf({ kind: 'administrator', id });

const metadataOf = (actor: Actor): EventMetadata => {
  const id = randomUUID();
  return { actor, requestId: id, correlationId: id, txn: id };
};
