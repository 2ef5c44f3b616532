import type { Sealer } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import { AccessDenied } from '../access-denied.js';
import { purgeResults, tenantsToPurge } from './purge-results.js';

type Content = Readonly<Record<string, unknown>>;

/** A request that is to be carried out later. */
export interface NewRequest {
  readonly tenantId: string;
  /** Names it for good; never used before. */
  readonly txn: string;
  /** Requests of one lane are carried out one after the other, in the order in which they were accepted. */
  readonly lane: string;
  readonly content: Content;
  /** The caller will carry it out itself at once, if nothing in the lane is before it. */
  readonly takes: boolean;
}

/** A request that is the caller's to carry out until its lease ends. */
export interface TakenRequest {
  readonly tenantId: string;
  readonly txn: string;
  /** Undefined when its key was destroyed: the tenant was off-boarded. */
  readonly content: Content | undefined;
  readonly acceptedAt: Date;
  /** 1 for whoever takes it first: only then is it sure that nothing of it was done. */
  readonly leaseNumber: number;
  /** How often it was taken, this time included, since it was last postponed: more than once when processes died over it. */
  readonly attempts: number;
}

export type RequestStatus =
  { readonly state: 'unknown' } | { readonly state: 'waiting' } | { readonly state: 'done'; readonly result: Content };

export interface AcceptedRequestsOptions {
  /** How many may wait, of one tenant. */
  readonly mostWaiting: number;
  readonly leaseSeconds: number;
  readonly resultsKeptSeconds: number;
}

/** As many requests of the tenant wait as may: 429. */
export class TooManyWaiting extends AccessDenied {
  constructor(mostWaiting: number) {
    super(`As many requests of this tenant wait to be carried out as may (${mostWaiting}); try again later.`, {
      status: 429,
      retryAfterSeconds: 5,
    });
    this.name = 'TooManyWaiting';
  }
}

/**
 * Requests that were acknowledged before they were carried out. They survive every process; whoever takes one has a lease on it, and another takes
 * it over when the lease ends. Requests and results are sealed under a key of the request's own, which goes with its row. Errors: the database's.
 */
export class AcceptedRequests {
  constructor(
    private readonly database: TenantDatabase,
    private readonly sealer: Sealer,
    private readonly options: AcceptedRequestsOptions,
  ) {}

  /** Durable when it resolves; returns whether it is the caller's to carry out. Throws TooManyWaiting. */
  async accept({ tenantId, txn, lane, content, takes }: NewRequest): Promise<boolean> {
    const { mostWaiting, leaseSeconds } = this.options;
    const { cipher, key } = await this.sealer.create(tenantId, subjectOf(txn));
    return this.database.transaction(tenantId, async (tx) => {
      // Holds the tenant's row until the commit: positions are given in the order in which requests become visible.
      const queued = await tx.query({ name: 'request-queue', text: QUEUE, values: [tenantId, mostWaiting] });
      if (queued.rowCount === 0) throw new TooManyWaiting(mostWaiting);
      const { rows } = await tx.query<{ taken: boolean }>({
        name: 'request-accept',
        text: ACCEPT,
        values: [
          ...[tenantId, txn, lane, cipher.seal(requestBox(txn), content), takes, leaseSeconds],
          ...[key.subjectId, Buffer.from(key.wrappedKey), key.tenantKeyVersion],
        ],
      });
      return rows[0]?.taken === true;
    });
  }

  /** How many requests wait, by tenant. */
  async waiting(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await this.database.pool.query<{ tenant_id: string; waiting: number }>(
      'SELECT tenant_id, waiting FROM request_queues WHERE waiting > 0',
    );
    return new Map(rows.map(({ tenant_id, waiting }) => [tenant_id, waiting]));
  }

  /** The next request of the tenant that nobody works on and whose turn it is; undefined when there is none. */
  async take(tenantId: string): Promise<TakenRequest | undefined> {
    const { rows } = await this.database.query<TakenColumns>(tenantId, {
      name: 'request-take',
      text: TAKE,
      values: [tenantId, this.options.leaseSeconds],
    });
    const [row] = rows;
    if (row === undefined) return undefined;
    const { txn, sealed_request: sealed, accepted_at: acceptedAt, lease_number: leaseNumber, attempts } = row;
    const content = await this.open(tenantId, txn, requestBox(txn), sealed);
    return { tenantId, txn, content, acceptedAt, leaseNumber, attempts };
  }

  /** Keeps a taken request for as long again; false when another has taken it over. */
  async renew({ tenantId, txn, leaseNumber }: TakenRequest): Promise<boolean> {
    const { rowCount } = await this.database.query(tenantId, {
      text: `UPDATE accepted_requests SET leased_until = now() + make_interval(secs => $4)
        WHERE tenant_id = $1 AND txn = $2 AND lease_number = $3 AND completed_at IS NULL`,
      values: [tenantId, txn, leaseNumber, this.options.leaseSeconds],
    });
    return rowCount === 1;
  }

  /** Gives a taken request back: it cannot be carried out now, and is tried again after a while. */
  async postpone({ tenantId, txn, leaseNumber }: TakenRequest, seconds: number): Promise<void> {
    await this.database.query(tenantId, {
      text: `UPDATE accepted_requests SET leased_until = now() + make_interval(secs => $4), attempts = 0
        WHERE tenant_id = $1 AND txn = $2 AND lease_number = $3 AND completed_at IS NULL`,
      values: [tenantId, txn, leaseNumber, seconds],
    });
  }

  /** Puts the result in the place of the request; the first one stays. */
  async complete({ tenantId, txn }: TakenRequest, result: Content): Promise<void> {
    const cipher = await this.sealer.subject(tenantId, subjectOf(txn));
    await this.database.query(tenantId, {
      name: 'request-complete',
      text: COMPLETE,
      values: [tenantId, txn, cipher?.seal(resultBox(txn), result) ?? null, this.options.resultsKeptSeconds],
    });
  }

  /** What has become of a request; `unknown` also for one of another tenant, and when its result is not kept any more. */
  async status(tenantId: string, txn: string): Promise<RequestStatus> {
    const { rows } = await this.database.query<{ done: boolean; sealed_result: string | null }>(tenantId, {
      name: 'request-status',
      text: `SELECT completed_at IS NOT NULL AS done, sealed_result FROM accepted_requests WHERE tenant_id = $1 AND txn = $2`,
      values: [tenantId, txn],
    });
    const [row] = rows;
    if (row === undefined) return { state: 'unknown' };
    if (!row.done) return { state: 'waiting' };
    const result = await this.open(tenantId, txn, resultBox(txn), row.sealed_result);
    return result === undefined ? { state: 'unknown' } : { state: 'done', result };
  }

  /** Removes results that were kept long enough, with their keys. */
  async purge(): Promise<void> {
    for (const tenantId of await tenantsToPurge(this.database))
      await purgeResults(this.database, tenantId, this.options.resultsKeptSeconds);
  }

  private async open(tenantId: string, txn: string, box: string, sealed: string | null): Promise<Content | undefined> {
    if (sealed === null) return undefined;
    const [content] = await this.sealer.open([{ tenantId, subjectId: subjectOf(txn), eventId: box, sealed }]);
    return content;
  }
}

interface TakenColumns {
  txn: string;
  sealed_request: string;
  accepted_at: Date;
  lease_number: number;
  attempts: number;
}

/** A request has a key of its own, as a person has. `purge-results.ts` destroys it by the same name. */
const subjectOf = (txn: string): string => `request:${txn}`;
const requestBox = (txn: string): string => `${txn}/request`;
const resultBox = (txn: string): string => `${txn}/result`;

const QUEUE = `INSERT INTO request_queues AS q (tenant_id, waiting) SELECT $1, 1 WHERE $2::integer > 0
  ON CONFLICT (tenant_id) DO UPDATE SET waiting = q.waiting + 1 WHERE q.waiting < $2`;

const ACCEPT = `
  WITH key AS (INSERT INTO subject_keys (tenant_id, subject_id, wrapped_key, tenant_key_version) VALUES ($1, $7, $8, $9)),
  turn AS (SELECT $5 AND NOT EXISTS (
    SELECT FROM accepted_requests WHERE tenant_id = $1 AND lane = $3 AND completed_at IS NULL) AS taken)
  INSERT INTO accepted_requests (tenant_id, txn, lane, accepted_at, sealed_request, lease_number, attempts, leased_until)
  SELECT $1, $2, $3, now(), $4, taken::integer, taken::integer, CASE WHEN taken THEN now() + make_interval(secs => $6) ELSE now() END
  FROM turn RETURNING lease_number = 1 AS taken`;

const TAKE = `
  UPDATE accepted_requests SET leased_until = now() + make_interval(secs => $2), lease_number = lease_number + 1, attempts = attempts + 1
  WHERE tenant_id = $1 AND txn = (
    SELECT r.txn FROM accepted_requests r
    WHERE r.tenant_id = $1 AND r.completed_at IS NULL AND r.leased_until <= now() AND NOT EXISTS (
      SELECT FROM accepted_requests e
      WHERE e.tenant_id = $1 AND e.lane = r.lane AND e.completed_at IS NULL AND e.position < r.position)
    ORDER BY r.position LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING txn, sealed_request, accepted_at, lease_number, attempts`;

const COMPLETE = `
  WITH done AS (
    UPDATE accepted_requests SET completed_at = now(), sealed_result = $3, sealed_request = NULL
    WHERE tenant_id = $1 AND txn = $2 AND completed_at IS NULL RETURNING txn)
  UPDATE request_queues SET waiting = waiting - 1, purge_at = COALESCE(purge_at, now() + make_interval(secs => $4))
  WHERE tenant_id = $1 AND EXISTS (SELECT FROM done)`;
