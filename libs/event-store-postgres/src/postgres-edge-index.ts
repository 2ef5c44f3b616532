import type { Pool, QueryResultRow } from 'pg';
import { EdgeIndex, EventLogUnavailable, type EdgePage, type EdgeTarget } from '#event-sourcing';
import { isConnectionLoss, TenantDatabase, type Statement } from '#postgres';

interface TargetRow {
  readonly target_id: string;
  readonly target_kind: EdgeTarget['kind'];
}

const NOT_GONE = `NOT EXISTS (SELECT FROM gone_sources g WHERE g.tenant_id = e.tenant_id AND g.source_id = e.source_id)`;

/**
 * The same for the one source $2, asked once and not of each of its edges: of a group of 1,000,000 that is deleted none is read, and of one that
 * is not the planner knows that the first page is at hand.
 */
const SOURCE_NOT_GONE = 'NOT EXISTS (SELECT FROM gone_sources g WHERE g.tenant_id = $1 AND g.source_id = $2)';

const OF_SOURCE = 'e.tenant_id = $1 AND e.source_id = $2 AND e.target_id > $3';

/** The membership index beside the log, written by the append's own transaction. */
export class PostgresEdgeIndex extends EdgeIndex {
  private readonly tenants: TenantDatabase;

  /** Takes a pool of `createServicePool`. */
  constructor(pool: Pool) {
    super();
    this.tenants = new TenantDatabase(pool);
  }

  async among(tenantId: string, source: string, targetIds: readonly string[]): Promise<ReadonlySet<string>> {
    if (targetIds.length === 0) return new Set();
    const rows = await this.rows<TargetRow>(tenantId, {
      name: 'edges-among',
      text: `SELECT e.target_id FROM edges e
        WHERE e.tenant_id = $1 AND e.source_id = $2 AND e.target_id = ANY ($3::text[]) AND NOT e.gone AND ${SOURCE_NOT_GONE}`,
      values: [tenantId, source, targetIds],
    });
    return new Set(rows.map(({ target_id }) => target_id));
  }

  async targets(
    tenantId: string,
    source: string,
    page: { readonly after?: string; readonly limit: number; readonly asOf?: number },
  ): Promise<EdgePage> {
    const { after = '', limit, asOf } = page;
    const values = [tenantId, source, after, limit + 1]; // one more tells whether there is a next page
    const rows = await this.rows<TargetRow>(
      tenantId,
      asOf === undefined
        ? {
            name: 'edges-targets',
            text: `SELECT e.target_id, e.target_kind FROM edges e
              WHERE ${OF_SOURCE} AND NOT e.gone AND ${SOURCE_NOT_GONE} ORDER BY e.target_id LIMIT $4`,
            values,
          }
        : {
            name: 'edges-targets-as-of',
            text: `SELECT * FROM (
                (SELECT e.target_id, e.target_kind FROM edges e WHERE ${OF_SOURCE} AND e.added <= $5 ORDER BY e.target_id LIMIT $4)
                UNION ALL
                (SELECT e.target_id, e.target_kind FROM past_edges e
                  WHERE ${OF_SOURCE} AND e.added <= $5 AND e.removed > $5 ORDER BY e.target_id LIMIT $4)
              ) AS e ORDER BY target_id LIMIT $4`,
            values: [...values, asOf],
          },
    );
    const targets = rows.slice(0, limit).map(({ target_id, target_kind }) => ({ id: target_id, kind: target_kind }));
    return { targets, next: rows.length > limit ? targets.at(-1)?.id : undefined };
  }

  async sources(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    return this.sourcesOf(tenantId, targetId, limit, 'edges-sources', 'NOT e.gone');
  }

  async dangling(tenantId: string, targetId: string, limit: number): Promise<readonly string[]> {
    return this.sourcesOf(tenantId, targetId, limit, 'edges-dangling', 'e.gone');
  }

  private async sourcesOf(
    tenantId: string,
    targetId: string,
    limit: number,
    name: string,
    which: string,
  ): Promise<readonly string[]> {
    const rows = await this.rows<{ source_id: string }>(tenantId, {
      name,
      text: `SELECT e.source_id FROM edges e
        WHERE e.tenant_id = $1 AND e.target_id = $2 AND ${which} AND ${NOT_GONE} ORDER BY e.source_id LIMIT $3`,
      values: [tenantId, targetId, limit],
    });
    return rows.map(({ source_id }) => source_id);
  }

  private async rows<Row extends QueryResultRow>(tenantId: string, statement: Statement): Promise<readonly Row[]> {
    try {
      return (await this.tenants.query<Row>(tenantId, statement)).rows;
    } catch (error) {
      if (isConnectionLoss(error)) throw new EventLogUnavailable('The event log did not answer.', { cause: error });
      throw error;
    }
  }
}
