import { ControlQueries, type TenantRow } from '#access';
import { TenancyError } from '#tenancy';

/** Lists of what belongs to a tenant are 404 when there is none, not empty. */
export class TenantMustExist {
  constructor(private readonly queries: ControlQueries) {}

  /** Throws `tenant-not-found`. */
  async check(tenantId: string): Promise<void> {
    await this.find(tenantId);
  }

  /** The tenant. Throws `tenant-not-found`. */
  async find(tenantId: string): Promise<TenantRow> {
    const tenant = await this.queries.getTenant(tenantId);
    if (tenant === undefined) throw new TenancyError('tenant-not-found', 'There is no such tenant.');
    return tenant;
  }
}
