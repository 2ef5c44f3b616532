import { Inject, Injectable } from '@nestjs/common';
import type { KnownTenant } from '#access';
import { ScimError } from '#scim';
import { CustomResources } from '../custom/custom-operations.js';
import { GroupOperations } from '../groups/group-operations.js';
import { TenantViews } from '../tenants/tenant-views.js';
import { UserOperations } from '../users/user-operations.js';
import type { ResourceOperations } from './resource-operations.js';

/** What can be done at each endpoint, by the name that stands in paths. */
export type Endpoints = ReadonlyMap<string, ResourceOperations>;

/** The endpoints of a tenant: those of users and groups, and those of its own resource types. */
@Injectable()
export class ResourceEndpoints {
  private readonly core: Endpoints;

  constructor(
    users: UserOperations,
    groups: GroupOperations,
    private readonly custom: CustomResources,
    @Inject(TenantViews) private readonly views: TenantViews,
  ) {
    this.core = new Map<string, ResourceOperations>([
      ['Users', users],
      ['Groups', groups],
    ]);
  }

  /** Errors: those of TenantViews.of. */
  async of(tenant: Pick<KnownTenant, 'tenantId' | 'schemasRevision'>): Promise<Endpoints> {
    const { custom } = await this.views.of(tenant);
    if (custom.length === 0) return this.core;
    const own = custom.map((schema) => [schema.resourceType.endpoint.slice(1), this.custom.of(schema)] as const);
    return new Map([...this.core, ...own]);
  }

  /** The operations at one of them. Throws ScimError 404 where there is none. */
  async at(tenant: Pick<KnownTenant, 'tenantId' | 'schemasRevision'>, name: string): Promise<ResourceOperations> {
    const operations = (await this.of(tenant)).get(name);
    if (operations === undefined) throw new ScimError(404, undefined, 'There is no SCIM endpoint at this path.');
    return operations;
  }
}
