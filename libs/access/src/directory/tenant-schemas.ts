import type { Pool } from 'pg';
import type { ExtensionSchema, ExtendedType } from '#tenancy';

/** The schemas that tenants have registered for themselves. */
export abstract class TenantSchemas {
  /** Those registered now, by their URN; at least as new as a `schemasRevision` read before. */
  abstract of(tenantId: string): Promise<readonly ExtensionSchema[]>;
}

interface SchemaColumns {
  urn: string;
  resource_type: ExtendedType;
  required: boolean;
  schema: ExtensionSchema['schema'];
}

const OF_TENANT = `SELECT urn, resource_type, required, schema FROM extension_schemas WHERE tenant_id = $1 ORDER BY urn_folded`;

/** Asks the control plane's rows (ADR 0004); takes a pool of `createServicePool`. */
export class PostgresTenantSchemas extends TenantSchemas {
  constructor(private readonly pool: Pick<Pool, 'query'>) {
    super();
  }

  async of(tenantId: string): Promise<readonly ExtensionSchema[]> {
    const { rows } = await this.pool.query<SchemaColumns>({
      name: 'schemas-of-tenant',
      text: OF_TENANT,
      values: [tenantId],
    });
    return rows.map(({ urn, resource_type: resourceType, required, schema }) => ({
      urn,
      resourceType,
      required,
      schema,
    }));
  }
}
