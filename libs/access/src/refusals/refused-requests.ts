import type { Actor } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';

/** A write that was refused. Holds nothing that the request said: no value, no filter, no path but those of ours. */
export interface RefusedRequest {
  readonly time: Date;
  readonly requestId: string;
  /** Undefined when no credential of the tenant was shown. */
  readonly actor: Actor | undefined;
  readonly method: string;
  /** `User`, `Group`, `Bulk`; undefined for what there is not. */
  readonly resourceType: string | undefined;
  /** Only what can be an id of ours. */
  readonly resourceId: string | undefined;
  readonly status: number;
  readonly scimType: string | undefined;
  /** Why, in a word that the code of this product chose. */
  readonly code: string;
  /** Refusals that are alike and come in floods are counted, not listed. */
  readonly times: number;
}

/** A place between refusals, which are ordered by time and, within a moment, by number. */
export interface RefusalPlace {
  readonly time: Date;
  readonly id: string;
}

export interface RefusalFilter {
  readonly resource?: string;
  /** Id of an actor, or `kind:id`. */
  readonly actor?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export interface RefusedRequestsOptions {
  /** Rows of one tenant, at most. */
  readonly mostKept: number;
  readonly keptDays: number;
}

/** Rows that one statement removes: small enough that nobody waits behind it. */
const PIECE = 1_000;

/** The capped table of refused requests. Operational state: it is not in the log, and is lost with its database. Errors: the database's. */
export class RefusedRequests {
  constructor(
    private readonly database: TenantDatabase,
    private readonly options: RefusedRequestsOptions,
  ) {}

  /** Adds refusals of one tenant, unless there is no such tenant, and removes what is too much then. */
  async add(tenantId: string, refusals: readonly RefusedRequest[]): Promise<void> {
    const column = (of: (refusal: RefusedRequest) => unknown) => refusals.map((refusal) => of(refusal) ?? null);
    await this.database.query(tenantId, {
      name: 'refusals-add',
      text: ADD,
      values: [
        tenantId,
        ...[column((one) => one.time), column((one) => one.requestId), column((one) => one.actor?.kind)],
        ...[column((one) => one.actor?.id), column((one) => one.method), column((one) => one.resourceType)],
        ...[column((one) => one.resourceId), column((one) => one.status), column((one) => one.scimType)],
        ...[column((one) => one.code), column((one) => one.times)],
      ],
    });
    await this.trim(tenantId);
  }

  /** Newest first, those before a place; with the place of each. */
  async page(
    tenantId: string,
    { resource, actor, from, to }: RefusalFilter,
    { before, limit }: { readonly before: RefusalPlace; readonly limit: number },
  ): Promise<readonly (RefusedRequest & { readonly id: string })[]> {
    const { rows } = await this.database.query<RefusalColumns>(tenantId, {
      name: 'refusals-page',
      text: PAGE,
      values: [
        ...[tenantId, before.time, before.id, this.options.keptDays],
        ...[resource ?? null, actor ?? null, from ?? null, to ?? null, limit],
      ],
    });
    return rows.map(refusalOf);
  }

  /** Removes what is kept long enough, of every tenant. */
  async purge(): Promise<void> {
    const { rows } = await this.database.pool.query<{ id: string }>('SELECT id FROM tenants');
    for (const { id } of rows) await this.trim(id);
  }

  private async trim(tenantId: string): Promise<void> {
    const { mostKept, keptDays } = this.options;
    let removed: number;
    do {
      const { rowCount } = await this.database.query(tenantId, {
        name: 'refusals-trim',
        text: TRIM,
        values: [tenantId, mostKept, keptDays, PIECE],
      });
      removed = rowCount ?? 0;
    } while (removed === PIECE);
  }
}

interface RefusalColumns {
  id: string;
  refused_at: Date;
  request_id: string;
  actor_kind: Actor['kind'] | null;
  actor_id: string | null;
  method: string;
  resource_type: string | null;
  resource_id: string | null;
  status: number;
  scim_type: string | null;
  code: string;
  times: number;
}

const refusalOf = (row: RefusalColumns): RefusedRequest & { readonly id: string } => ({
  id: row.id,
  time: row.refused_at,
  requestId: row.request_id,
  actor: row.actor_kind === null || row.actor_id === null ? undefined : { kind: row.actor_kind, id: row.actor_id },
  method: row.method,
  resourceType: row.resource_type ?? undefined,
  resourceId: row.resource_id ?? undefined,
  status: row.status,
  scimType: row.scim_type ?? undefined,
  code: row.code,
  times: row.times,
});

const ADD = `
  INSERT INTO refused_requests
    (tenant_id, refused_at, request_id, actor_kind, actor_id, method, resource_type, resource_id, status, scim_type, code, times)
  SELECT $1, refusals.* FROM unnest($2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::smallint[], $10::text[], $11::text[], $12::integer[]) AS refusals
  WHERE EXISTS (SELECT FROM tenants WHERE id = $1 AND status <> 'offboarded')`;

const PAGE = `
  SELECT id, refused_at, request_id, actor_kind, actor_id, method, resource_type, resource_id, status, scim_type, code, times
  FROM refused_requests
  WHERE tenant_id = $1 AND (refused_at, id) < ($2, $3::bigint) AND refused_at > now() - make_interval(days => $4)
    AND ($5::text IS NULL OR resource_id = $5) AND ($6::text IS NULL OR actor_id = $6 OR actor_kind || ':' || actor_id = $6)
    AND ($7::timestamptz IS NULL OR refused_at >= $7) AND ($8::timestamptz IS NULL OR refused_at <= $8)
  ORDER BY refused_at DESC, id DESC LIMIT $9`;

const TRIM = `
  DELETE FROM refused_requests WHERE tenant_id = $1 AND id = ANY (ARRAY(
    SELECT id FROM refused_requests
    WHERE tenant_id = $1 AND (refused_at <= now() - make_interval(days => $3) OR (refused_at, id) <= (
      SELECT refused_at, id FROM refused_requests WHERE tenant_id = $1 ORDER BY refused_at DESC, id DESC OFFSET $2 LIMIT 1))
    ORDER BY refused_at, id LIMIT $4))`;
