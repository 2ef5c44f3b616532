import { createHash, createHmac } from 'node:crypto';
import type { Actor } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';

/** A request that its client may send again because it never learnt the outcome. */
export interface RepeatableRequest {
  readonly tenantId: string;
  readonly actor: Actor;
  /** Where it was sent: a key means something to one endpoint alone. */
  readonly endpoint: string;
  /** As the client chose it. */
  readonly key: string;
  readonly body: unknown;
}

/** What a key stands for. */
export interface Reservation {
  readonly resourceId: string;
  /** The request that took the key said the same. */
  readonly sameBody: boolean;
}

/** Keys are remembered for this long (DESIGN §9). */
const REMEMBERED = `interval '24 hours'`;
/** How many forgotten keys of the tenant a reservation clears away. */
const SWEPT = 100;

/**
 * Idempotency-Key: a key stands for the id of the resource that its first request was to create. Who repeats the request creates the same id
 * again, and that cannot be done twice. Keys are kept hashed; so are bodies, under the key itself, which is not kept.
 */
export class IdempotencyKeys {
  constructor(private readonly database: Pick<TenantDatabase, 'query'>) {}

  /** Takes the key for `resourceId`, or tells what it was taken for. Errors: the database's. */
  async reserve(request: RepeatableRequest, resourceId: string): Promise<Reservation> {
    const { tenantId } = request;
    const bodyHash = bodyHashOf(request);
    const { rows } = await this.database.query<{ resource_id: string; body_hash: string }>(tenantId, {
      name: 'idempotency-reserve',
      text: RESERVE,
      values: [tenantId, keyHashOf(request), bodyHash, resourceId],
    });
    const [row] = rows;
    if (row === undefined) throw new Error('A reservation returned no row.');
    return { resourceId: row.resource_id, sameBody: row.body_hash === bodyHash };
  }

  /** Gives the key back: nothing was created under it, and the client may correct its request. */
  async release(request: RepeatableRequest, resourceId: string): Promise<void> {
    await this.database.query(request.tenantId, {
      text: 'DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key_hash = $2 AND resource_id = $3',
      values: [request.tenantId, keyHashOf(request), resourceId],
    });
  }
}

const isForgotten = (alias: string): string => `${alias}.created_at < now() - ${REMEMBERED}`;
const kept = (column: string): string =>
  `${column} = CASE WHEN ${isForgotten('k')} THEN EXCLUDED.${column} ELSE k.${column} END`;

const RESERVE = `
  WITH swept AS (
    DELETE FROM idempotency_keys WHERE tenant_id = $1 AND key_hash IN (
      SELECT o.key_hash FROM idempotency_keys o WHERE o.tenant_id = $1 AND o.key_hash <> $2 AND ${isForgotten('o')}
      ORDER BY o.created_at LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED)
  )
  INSERT INTO idempotency_keys AS k (tenant_id, key_hash, body_hash, resource_id, created_at) VALUES ($1, $2, $3, $4, now())
  ON CONFLICT (tenant_id, key_hash) DO UPDATE SET ${['body_hash', 'resource_id', 'created_at'].map(kept).join(', ')}
  RETURNING resource_id, body_hash`;

const keyHashOf = ({ actor, endpoint, key }: RepeatableRequest): string =>
  createHash('sha256')
    .update(JSON.stringify([actor.kind, actor.id, endpoint, key]))
    .digest('base64url');

const bodyHashOf = ({ key, body }: RepeatableRequest): string =>
  createHmac('sha256', key)
    .update(JSON.stringify(body) ?? '')
    .digest('base64url');
