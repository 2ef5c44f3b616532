import type { EntityManager } from 'typeorm';
import type { Recorded } from '#event-sourcing';
import type { ControlEvent } from '#tenancy';
import {
  AdministratorRow,
  ClientSecretRow,
  ExtensionSchemaRow,
  OAuthClientRow,
  ResourceTypeRow,
  ScimTokenRow,
  TenantRow,
} from './control-rows.js';

/** One entry per event type, none optional: a new event does not build until it is answered here. */
type Handlers = {
  readonly [Type in ControlEvent['type']]: (
    recorded: Recorded<Extract<ControlEvent, { type: Type }>>,
    tx: EntityManager,
  ) => Promise<unknown>;
};

/** Control-plane events → rows. Each is applied once, in order: the checkpoint is in the same transaction. */
export const controlProjection: Handlers = {
  TenantCreated: ({ event, tenantId, time }, tx) =>
    tx.insert(TenantRow, {
      id: tenantId,
      displayName: event.data.displayName,
      status: 'active',
      settings: {},
      createdAt: time,
      changedAt: time,
    }),
  TenantRenamed: (recorded, tx) => changeTenant(recorded, tx, { displayName: recorded.event.data.displayName }),
  TenantSuspended: (recorded, tx) => changeTenant(recorded, tx, { status: 'suspended' }),
  TenantResumed: (recorded, tx) => changeTenant(recorded, tx, { status: 'active' }),
  TenantSettingsChanged: (recorded, tx) => changeTenant(recorded, tx, { settings: recorded.event.data.settings }),
  TenantOffboarded: (recorded, tx) => {
    const { erasesAt } = recorded.event.data;
    return changeTenant(recorded, tx, {
      status: 'offboarded',
      erasesAt: erasesAt === undefined ? null : new Date(erasesAt),
    });
  },
  TenantReinstated: (recorded, tx) =>
    changeTenant(recorded, tx, { status: recorded.event.data.suspended ? 'suspended' : 'active', erasesAt: null }),
  TenantErased: (recorded, tx) => changeTenant(recorded, tx, { erasesAt: null, erasedAt: recorded.time }),

  OAuthClientRegistered: ({ event, tenantId, time }, tx) => {
    const { clientId, name, grantTypes, redirectUris } = event.data;
    return tx.insert(OAuthClientRow, {
      id: clientId,
      tenantId,
      name,
      grantTypes: [...grantTypes],
      redirectUris: [...redirectUris],
      enabled: true,
      createdAt: time,
    });
  },
  OAuthClientRenamed: ({ event }, tx) => tx.update(OAuthClientRow, event.data.clientId, { name: event.data.name }),
  OAuthClientDisabled: ({ event }, tx) => tx.update(OAuthClientRow, event.data.clientId, { enabled: false }),
  OAuthClientEnabled: ({ event }, tx) => tx.update(OAuthClientRow, event.data.clientId, { enabled: true }),
  OAuthClientAuthenticationSet: ({ event: { data } }, tx) =>
    tx
      .createQueryBuilder()
      .update(OAuthClientRow)
      .set({ authentication: data.authentication })
      .where('id = :clientId', { clientId: data.clientId })
      .execute(),
  OAuthClientSecretAdded: ({ event, time }, tx) => {
    const { clientId, secretId, hash, expiresAt } = event.data;
    return tx.insert(ClientSecretRow, {
      id: secretId,
      clientId,
      hash,
      createdAt: time,
      expiresAt: new Date(expiresAt),
    });
  },
  OAuthClientSecretRevoked: ({ event }, tx) => tx.delete(ClientSecretRow, event.data.secretId),
  OAuthClientDeleted: ({ event }, tx) => tx.delete(OAuthClientRow, event.data.clientId),

  OAuthClientAuthorized: ({ event: { data }, time }, tx) =>
    tx.update(OAuthClientRow, data.clientId, { authorizedBy: data.administratorId, authorizedAt: time }),
  OAuthClientAuthorizationRevoked: ({ event: { data } }, tx) =>
    tx.update(OAuthClientRow, data.clientId, { authorizedBy: null, authorizedAt: null }),

  AdministratorInvited: async ({ event: { data }, tenantId, time }, tx) => {
    const link = { invitedAt: time, linkExpiresAt: new Date(data.expiresAt) };
    const { affected } = await tx.update(AdministratorRow, { id: data.administratorId, tenantId }, link);
    const row = { id: data.administratorId, tenantId, activated: false, enabled: true, ...link };
    if (affected === 0) await tx.insert(AdministratorRow, row);
  },
  AdministratorActivated: ({ event: { data }, tenantId }, tx) =>
    tx.update(AdministratorRow, { id: data.administratorId, tenantId }, { activated: true }),
  AdministratorDisabled: ({ event: { data }, tenantId }, tx) =>
    tx.update(AdministratorRow, { id: data.administratorId, tenantId }, { enabled: false }),
  AdministratorEnabled: ({ event: { data }, tenantId }, tx) =>
    tx.update(AdministratorRow, { id: data.administratorId, tenantId }, { enabled: true }),
  AdministratorSignedIn: ({ event: { data }, tenantId, time }, tx) =>
    tx.update(AdministratorRow, { id: data.administratorId, tenantId }, { lastSignedInAt: time }),

  ScimTokenIssued: ({ event, tenantId, time }, tx) => {
    const { tokenId, name, hash, scopes, expiresAt } = event.data;
    return tx.insert(ScimTokenRow, {
      id: tokenId,
      tenantId,
      name,
      hash,
      scopes: [...scopes],
      createdAt: time,
      expiresAt: new Date(expiresAt),
    });
  },
  ScimTokenRevoked: ({ event, time }, tx) => tx.update(ScimTokenRow, event.data.tokenId, { revokedAt: time }),

  ExtensionSchemaRegistered: async ({ event, tenantId, revision, time }, tx) => {
    const { urn, ...said } = event.data;
    const row = { urn, ...said, changedAt: time };
    const key = { tenantId, urnFolded: urn.toLowerCase() };
    const { affected } = await tx.update(ExtensionSchemaRow, key, row);
    if (affected === 0) await tx.insert(ExtensionSchemaRow, { ...key, ...row, createdAt: time });
    await tx.update(TenantRow, tenantId, { schemasRevision: revision });
  },
  ExtensionSchemaRemoved: async ({ event, tenantId, revision }, tx) => {
    await tx.delete(ExtensionSchemaRow, { tenantId, urnFolded: event.data.urn.toLowerCase() });
    await tx.update(TenantRow, tenantId, { schemasRevision: revision });
  },

  // Imports are told by the log alone: nothing here shows them.
  DirectoryImportBegun: async () => undefined,
  DirectoryImportEnded: async () => undefined,
  ResourceTypeRegistered: async ({ event, tenantId, revision, time }, tx) => {
    const key = { tenantId, nameFolded: event.data.name.toLowerCase() };
    const row = { definition: event.data, changedAt: time };
    const { affected } = await tx.update(ResourceTypeRow, key, row);
    if (affected === 0) await tx.insert(ResourceTypeRow, { ...key, ...row, createdAt: time });
    await tx.update(TenantRow, tenantId, { schemasRevision: revision });
  },
  ResourceTypeRemoved: async ({ event, tenantId, revision }, tx) => {
    await tx.delete(ResourceTypeRow, { tenantId, nameFolded: event.data.name.toLowerCase() });
    await tx.update(TenantRow, tenantId, { schemasRevision: revision });
  },
};

const changeTenant = (
  { tenantId, time }: Recorded,
  tx: EntityManager,
  change: Partial<Pick<TenantRow, 'displayName' | 'status' | 'settings' | 'erasesAt' | 'erasedAt'>>,
): Promise<unknown> =>
  tx
    .createQueryBuilder()
    .update(TenantRow)
    .set({ ...change, changedAt: time })
    .where('id = :tenantId', { tenantId })
    .execute();
