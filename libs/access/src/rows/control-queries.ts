import { In, MoreThan, type DataSource } from 'typeorm';
import {
  AdministratorRow,
  ClientSecretRow,
  ExtensionSchemaRow,
  OAuthClientRow,
  ResourceTypeRow,
  ScimTokenRow,
  TenantRow,
} from './control-rows.js';

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Id to go on after; undefined on the last page. */
  readonly next: string | undefined;
}

export interface PageRequest {
  readonly after: string;
  readonly limit: number;
}

export type ClientWithSecrets = OAuthClientRow & { readonly secrets: readonly ClientSecretRow[] };

/** What operators ask of the control plane. Pages are ordered by id, so they are stable under writes. */
export class ControlQueries {
  constructor(private readonly database: DataSource) {}

  async findTenants({ after, limit }: PageRequest): Promise<Page<TenantRow>> {
    const rows = await this.database.manager.find(TenantRow, {
      where: { id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }

  async getTenant(id: string): Promise<TenantRow | undefined> {
    return (await this.database.manager.findOneBy(TenantRow, { id })) ?? undefined;
  }

  async findTokens(tenantId: string, { after, limit }: PageRequest): Promise<Page<ScimTokenRow>> {
    const rows = await this.database.manager.find(ScimTokenRow, {
      where: { tenantId, id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    return pageOf(rows, limit);
  }

  async findClients(tenantId: string, { after, limit }: PageRequest): Promise<Page<ClientWithSecrets>> {
    const rows = await this.database.manager.find(OAuthClientRow, {
      where: { tenantId, id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
    const { rows: clients, next } = pageOf(rows, limit);
    return { rows: await this.withSecrets(clients), next };
  }

  async getClient(tenantId: string, id: string): Promise<ClientWithSecrets | undefined> {
    const [client] = await this.withSecrets(await this.database.manager.findBy(OAuthClientRow, { tenantId, id }));
    return client;
  }

  /** Ids of the clients whose access stands on the consent of that administrator. */
  async findClientsAuthorizedBy(tenantId: string, authorizedBy: string): Promise<readonly string[]> {
    const clients = await this.database.manager.findBy(OAuthClientRow, { tenantId, authorizedBy });
    return clients.map(({ id }) => id);
  }

  /** All of a tenant's, since there are few, oldest first. */
  findAdministrators(tenantId: string): Promise<readonly AdministratorRow[]> {
    return this.database.manager.find(AdministratorRow, {
      where: { tenantId },
      order: { invitedAt: 'ASC', id: 'ASC' },
    });
  }

  /** Whichever tenant's it is. */
  async getAdministrator(id: string): Promise<AdministratorRow | undefined> {
    return (await this.database.manager.findOneBy(AdministratorRow, { id })) ?? undefined;
  }

  /** All of them, since there are few, by their URN. */
  findSchemas(tenantId: string): Promise<readonly ExtensionSchemaRow[]> {
    return this.database.manager.find(ExtensionSchemaRow, { where: { tenantId }, order: { urnFolded: 'ASC' } });
  }

  async getSchema(tenantId: string, urn: string): Promise<ExtensionSchemaRow | undefined> {
    const key = { tenantId, urnFolded: urn.toLowerCase() };
    return (await this.database.manager.findOneBy(ExtensionSchemaRow, key)) ?? undefined;
  }

  /** All of them, since there are few, by their name. */
  findResourceTypes(tenantId: string): Promise<readonly ResourceTypeRow[]> {
    return this.database.manager.find(ResourceTypeRow, { where: { tenantId }, order: { nameFolded: 'ASC' } });
  }

  async getResourceType(tenantId: string, name: string): Promise<ResourceTypeRow | undefined> {
    const key = { tenantId, nameFolded: name.toLowerCase() };
    return (await this.database.manager.findOneBy(ResourceTypeRow, key)) ?? undefined;
  }

  private async withSecrets(clients: readonly OAuthClientRow[]): Promise<readonly ClientWithSecrets[]> {
    const secrets = await this.database.manager.find(ClientSecretRow, {
      where: { clientId: In(clients.map(({ id }) => id)) },
      order: { createdAt: 'ASC' },
    });
    return clients.map((client) => ({
      ...client,
      secrets: secrets.filter(({ clientId }) => clientId === client.id),
    }));
  }
}

const pageOf = <Row extends { readonly id: string }>(rows: readonly Row[], limit: number): Page<Row> => {
  const page = rows.slice(0, limit);
  return { rows: page, next: rows.length > limit ? page.at(-1)?.id : undefined };
};
