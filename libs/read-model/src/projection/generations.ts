import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { directoryProjection } from './directory-projection.js';
import type { ProjectionFaultCode } from './projection-fault.js';

/** The event at which a filling stands still. */
export interface Parked {
  readonly eventId: string;
  readonly sequence: number;
  readonly code: string;
  readonly at: Date;
}

/** One filling of the read model of one tenant: the live one, or the one a rebuild fills beside it. */
export interface Filling {
  readonly tenantId: string;
  readonly generation: number;
  readonly version: number;
  readonly status: 'live' | 'building';
  /** The checkpoint. */
  readonly sequence: number;
  /** Paths of the attributes that it indexes, for good. */
  readonly indexes: readonly string[];
  readonly parked: Parked | undefined;
  /** The projector whose lease has not run out. */
  readonly leasedBy: string | undefined;
  /** The tenant was erased: it stays empty, whatever still comes. */
  readonly ended: boolean;
}

/** A filling that is not at the log's head, or a building one, which waits at least for its promotion. */
export interface FillingBehind {
  readonly tenantId: string;
  readonly head: number;
  /** `live` also for a tenant that has no filling yet. */
  readonly status: 'live' | 'building';
  readonly sequence: number;
  readonly isParked: boolean;
  readonly leasedBy: string | undefined;
}

/** What operators see of one filling (`GET /admin/v1/projections`). */
export interface FillingStatus extends Filling {
  readonly eventTime: Date | undefined;
  /** What the tenant wants indexed, as far as it has read. */
  readonly wantedIndexes: readonly string[];
  readonly users: number;
  readonly groups: number;
}

export interface ParkedEvent {
  readonly eventId: string;
  readonly sequence: number;
  readonly code: ProjectionFaultCode;
}

interface GenerationColumns extends QueryResultRow {
  tenant_id: string;
  generation: number;
  version: number;
  status: 'live' | 'building';
  sequence: string;
  indexes: readonly string[];
  wanted_indexes: readonly string[];
  event_time: Date | null;
  users_total: number;
  groups_total: number;
  parked_event_id: string | null;
  parked_sequence: string | null;
  parked_code: string | null;
  parked_at: Date | null;
  leased_by: string | null;
  ended: boolean;
}

interface BehindColumns extends QueryResultRow {
  tenant_id: string;
  head: string;
  status: 'live' | 'building' | null;
  sequence: string | null;
  is_parked: boolean;
  leased_by: string | null;
}

const columns = `tenant_id, generation, version, status, sequence, indexes, wanted_indexes, event_time, users_total, groups_total,
  parked_event_id, parked_sequence, parked_code, parked_at, ended, CASE WHEN lease_until > now() THEN worker END AS leased_by`;

const { name: projection, version } = directoryProjection;

/** Which generations of the read model there are, how far each has come, and which one answers. Read across tenants: no wall stands here. */
export class Generations {
  constructor(private readonly pool: Pool) {}

  /** The tenant's live filling and, during a rebuild, the building one. Begins the first one for a tenant never seen. */
  async begin(tenantId: string): Promise<readonly Filling[]> {
    const known = await this.of(tenantId);
    if (known.length > 0) return known;
    await this.pool.query({
      text: `INSERT INTO projection_generations (tenant_id, projection, generation, version, status) VALUES ($1, $2, 1, $3, 'live')
        ON CONFLICT DO NOTHING`,
      values: [tenantId, projection, version],
    });
    return this.of(tenantId);
  }

  /** Live and building fillings of one tenant; none for a tenant never seen. */
  async of(tenantId: string): Promise<readonly FillingStatus[]> {
    const { rows } = await this.pool.query<GenerationColumns>({
      name: 'fillings-of-tenant',
      text: `SELECT ${columns} FROM projection_generations
        WHERE projection = $1 AND tenant_id = $2 AND status <> 'retired' ORDER BY generation`,
      values: [projection, tenantId],
    });
    return rows.map(toFilling);
  }

  /** Live and building fillings of every tenant. */
  async all(): Promise<readonly FillingStatus[]> {
    const { rows } = await this.pool.query<GenerationColumns>({
      text: `SELECT ${columns} FROM projection_generations WHERE projection = $1 AND status <> 'retired'
        ORDER BY tenant_id, generation`,
      values: [projection],
    });
    return rows.map(toFilling);
  }

  /**
   * Fillings that have something to do. `heads`: the log's, when it is not in this database; otherwise one statement compares both.
   */
  async behind(heads: 'same-database' | ReadonlyMap<string, number>): Promise<readonly FillingBehind[]> {
    const given = heads === 'same-database' ? [] : [[...heads.keys()], [...heads.values()]];
    const source =
      heads === 'same-database'
        ? 'tenant_heads'
        : '(SELECT * FROM unnest($2::text[], $3::bigint[]) AS h(tenant_id, sequence))';
    const { rows } = await this.pool.query<BehindColumns>({
      text: `SELECT h.tenant_id, h.sequence AS head, g.status, g.sequence, g.parked_event_id IS NOT NULL AS is_parked,
          CASE WHEN g.lease_until > now() THEN g.worker END AS leased_by
        FROM ${source} h LEFT JOIN projection_generations g
          ON g.tenant_id = h.tenant_id AND g.projection = $1 AND g.status <> 'retired'
        WHERE g.tenant_id IS NULL OR g.sequence < h.sequence OR g.status = 'building'`,
      values: [projection, ...given],
    });
    return rows.map((row) => ({
      tenantId: row.tenant_id,
      head: Number(row.head),
      status: row.status ?? 'live',
      sequence: Number(row.sequence ?? 0),
      isParked: row.is_parked,
      leasedBy: row.leased_by ?? undefined,
    }));
  }

  /** Lets others take over at once. */
  async release(worker: string): Promise<void> {
    await this.pool.query({
      text: `UPDATE projection_generations SET lease_until = NULL WHERE worker = $1 AND lease_until > now()`,
      values: [worker],
    });
  }

  /** Marks the event at which a filling stands; nothing happens when the filling has moved on meanwhile. */
  async park({ tenantId, generation, sequence }: Filling, event: ParkedEvent): Promise<void> {
    await this.pool.query({
      text: `UPDATE projection_generations SET parked_event_id = $5, parked_sequence = $6, parked_code = $7, parked_at = now()
        WHERE tenant_id = $1 AND projection = $2 AND generation = $3 AND sequence = $4`,
      values: [tenantId, projection, generation, sequence, event.eventId, event.sequence, event.code],
    });
  }

  /**
   * Begins a rebuild: a new generation, filled from the first event while the live one serves, that indexes what the tenant wants by now.
   * Returns its number; one that is under way already goes on.
   */
  async rebuild(tenantId: string): Promise<number> {
    await this.begin(tenantId);
    await this.pool.query({
      text: `INSERT INTO projection_generations (tenant_id, projection, generation, version, status, indexes)
        SELECT $1, $2, 1 + (SELECT max(generation) FROM projection_generations WHERE tenant_id = $1 AND projection = $2),
          $3, 'building', wanted_indexes
        FROM projection_generations WHERE tenant_id = $1 AND projection = $2 AND status = 'live'
        ON CONFLICT DO NOTHING`,
      values: [tenantId, projection, version],
    });
    const building = (await this.of(tenantId)).find(({ status }) => status === 'building');
    return building?.generation ?? 0;
  }

  /**
   * Puts an empty filling that stays empty, standing at that sequence, in the place of all the tenant's others: what these hold is removed in pieces,
   * like what a rebuild replaced.
   */
  async end(tenantId: string, sequence: number): Promise<void> {
    const key = [tenantId, projection];
    await this.transaction(async (client) => {
      await client.query(
        `UPDATE projection_generations SET status = 'retired'
          WHERE tenant_id = $1 AND projection = $2 AND status <> 'retired' AND NOT ended`,
        key,
      );
      await client.query(
        `INSERT INTO projection_generations (tenant_id, projection, generation, version, status, sequence, ended)
          SELECT $1, $2, max(generation) + 1, $3, 'live', $4, true FROM projection_generations WHERE tenant_id = $1 AND projection = $2
          ON CONFLICT DO NOTHING`, // ended already
        [...key, version, sequence],
      );
    });
  }

  /** Makes a building generation the live one if it has come as far; false when it has not yet. */
  promote({ tenantId, generation }: Filling): Promise<boolean> {
    return this.transaction(async (client) => {
      const { rows } = await client.query<{ ready: boolean }>({
        text: `SELECT b.sequence >= l.sequence AS ready FROM projection_generations l, projection_generations b
          WHERE l.tenant_id = $1 AND l.projection = $2 AND l.status = 'live'
            AND b.tenant_id = $1 AND b.projection = $2 AND b.generation = $3 AND b.status = 'building' FOR UPDATE`,
        values: [tenantId, projection, generation],
      });
      if (rows[0]?.ready !== true) return false;
      const key = [tenantId, projection];
      await client.query(
        `UPDATE projection_generations SET status = 'retired' WHERE tenant_id = $1 AND projection = $2 AND status = 'live'`,
        key,
      );
      await client.query(
        `UPDATE projection_generations SET status = 'live' WHERE tenant_id = $1 AND projection = $2 AND status = 'building'`,
        key,
      );
      return true;
    });
  }

  private async transaction<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      client.release();
      return result;
    } catch (error) {
      client.release(true); // its transaction ends with the connection
      throw error;
    }
  }
}

const toFilling = (row: GenerationColumns): FillingStatus => ({
  tenantId: row.tenant_id,
  generation: row.generation,
  version: row.version,
  status: row.status,
  sequence: Number(row.sequence),
  indexes: row.indexes,
  wantedIndexes: row.wanted_indexes,
  eventTime: row.event_time ?? undefined,
  users: row.users_total,
  groups: row.groups_total,
  leasedBy: row.leased_by ?? undefined,
  ended: row.ended,
  parked:
    row.parked_event_id === null || row.parked_code === null || row.parked_at === null
      ? undefined
      : {
          eventId: row.parked_event_id,
          sequence: Number(row.parked_sequence),
          code: row.parked_code,
          at: row.parked_at,
        },
});
