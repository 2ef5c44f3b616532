import type { Pool } from 'pg';
import type { CustomResourceType, ExtensionSchema } from '#tenancy';

/** What a tenant has registered for itself. */
export interface OwnDefinitions {
  /** By their URN. */
  readonly schemas: readonly ExtensionSchema[];
  /** By their name. Their schemas are among `schemas`, or presets of the service. */
  readonly resourceTypes: readonly CustomResourceType[];
}

/** The schemas and resource types that tenants have registered for themselves. */
export abstract class TenantSchemas {
  /** Those registered now; at least as new as a `schemasRevision` read before. */
  abstract of(tenantId: string): Promise<OwnDefinitions>;
}

/** In one statement, so that every type is read with its schemas. */
const OF_TENANT = `SELECT
  coalesce((SELECT json_agg(json_build_object('urn', s.urn, 'resourceType', s.resource_type, 'required', s.required,
    'schema', s.schema) ORDER BY s.urn_folded) FROM extension_schemas s WHERE s.tenant_id = $1), '[]') AS schemas,
  coalesce((SELECT json_agg(r.definition ORDER BY r.name_folded) FROM resource_types r WHERE r.tenant_id = $1), '[]')
    AS "resourceTypes"`;

/** Asks the control plane's rows (ADR 0004); takes a pool of `createServicePool`. */
export class PostgresTenantSchemas extends TenantSchemas {
  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
  }

  async of(tenantId: string): Promise<OwnDefinitions> {
    const statement = { name: 'definitions-of-tenant', text: OF_TENANT, values: [tenantId] };
    const { rows } = await this.pool.query<OwnDefinitions>(statement);
    return rows[0] ?? { schemas: [], resourceTypes: [] };
  }
}
