/** Absolute URLs of a tenant's SCIM service, right behind a proxy too: they come from PUBLIC_URL, never from the request (R26). */
export class ScimUrls {
  constructor(private readonly publicUrl: string) {}

  /** `{PUBLIC_URL}/t/{tenant}/scim/v2`, without a slash at its end. */
  base(tenantId: string): string {
    return `${this.publicUrl}/t/${tenantId}/scim/v2`;
  }

  /** Where a request that was answered by 202 tells what became of it. */
  request(tenantId: string, txn: string): string {
    return `${this.base(tenantId)}/.requests/${txn}`;
  }

  /** `endpoint` with its slash, as in `/Users`. */
  resource(tenantId: string, endpoint: string, id: string): string {
    return `${this.base(tenantId)}${endpoint}/${id}`;
  }

  user(tenantId: string, id: string): string {
    return this.resource(tenantId, '/Users', id);
  }

  group(tenantId: string, id: string): string {
    return this.resource(tenantId, '/Groups', id);
  }
}
