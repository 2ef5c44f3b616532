import { createHash } from 'node:crypto';
import { errors, type Adapter, type AdapterPayload } from 'oidc-provider';
import type { DataSource } from 'typeorm';

/** Access tokens live that long at most: a revoked one need not be remembered for longer. */
export const ACCESS_TOKEN_SECONDS = 3600;

const UPSERT = `INSERT INTO oauth_artifacts (model, id_hash, client_id, grant_id, uid, payload, expires_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (model, id_hash) DO UPDATE SET payload = EXCLUDED.payload, expires_at = EXCLUDED.expires_at`;
const INSERT_ONCE = `INSERT INTO oauth_artifacts (model, id_hash, payload, expires_at)
  VALUES ('ReplayDetection', $1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1 AS inserted`;
const FIND = `SELECT payload, consumed_at FROM oauth_artifacts WHERE model = $1 AND id_hash = $2 AND expires_at > $3`;
const FIND_BY_UID = `SELECT payload, consumed_at FROM oauth_artifacts WHERE model = $1 AND uid = $2 AND expires_at > $3`;
const CONSUME = `WITH taken AS (
    UPDATE oauth_artifacts SET consumed_at = $3 WHERE model = $1 AND id_hash = $2 AND consumed_at IS NULL RETURNING 1)
  SELECT 1 AS taken FROM taken`;
const DESTROY = `DELETE FROM oauth_artifacts WHERE model = $1 AND id_hash = $2`;
const REVOKE_GRANT = `WITH gone AS (DELETE FROM oauth_artifacts WHERE grant_id = $1 RETURNING client_id)
  INSERT INTO revoked_access (client_id, id, expires_at)
  SELECT DISTINCT client_id, $1, $2::timestamptz FROM gone WHERE client_id IS NOT NULL ON CONFLICT DO NOTHING`;
const GRANTS_OF = `SELECT DISTINCT grant_id FROM oauth_artifacts
  WHERE model = 'Grant' AND (client_id = $1 OR payload->>'accountId' = $2) AND expires_at > $3`;
const REVOKE_TOKEN = `INSERT INTO revoked_access (client_id, id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`;
const IS_REVOKED = `SELECT 1 FROM revoked_access WHERE client_id = $1 AND id = ANY($2) LIMIT 1`;
const PURGE = ['DELETE FROM oauth_artifacts WHERE expires_at < $1', 'DELETE FROM revoked_access WHERE expires_at < $1'];

interface Columns {
  payload: AdapterPayload;
  consumed_at: Date | null;
}

/**
 * What the authorization server remembers between requests, in PostgreSQL, so that any replica can go on. The id of a code, refresh token, session or
 * interaction is what its holder proves himself with, so it stands there as a hash and is taken out of the payload.
 */
export class ArtifactStore {
  constructor(
    private readonly database: Pick<DataSource, 'query'>,
    private readonly now: () => Date,
    /** Where an interaction leads back to, before its id. */
    private readonly resumeUrl: string,
  ) {}

  /** oidc-provider's storage of one of its models. */
  adapter(model: string): Adapter {
    return {
      upsert: (id, payload, expiresIn) => this.upsert(model, id, payload, expiresIn),
      find: (id) => this.find(model, id),
      findByUid: (uid) => this.findByUid(model, uid),
      findByUserCode: async () => undefined, // of the device flow, which is not offered
      consume: (id) => this.consume(model, id),
      destroy: (id) => this.destroy(model, id),
      revokeByGrantId: (grantId) => this.revokeGrant(grantId),
    };
  }

  /** Ends a grant: its codes and refresh tokens are gone, and its access tokens are refused from now on. */
  async revokeGrant(grantId: string): Promise<void> {
    await this.database.query(REVOKE_GRANT, [grantId, this.in(ACCESS_TOKEN_SECONDS)]);
  }

  /** Ends the grants of a client, or those that an administrator gave. */
  async revokeGrantsOf(whose: { readonly clientId?: string; readonly accountId?: string }): Promise<void> {
    for (const grantId of await this.grantsOf(whose)) await this.revokeGrant(grantId);
  }

  /** Whether the client has a grant that lives. */
  async hasGrant(clientId: string): Promise<boolean> {
    return (await this.grantsOf({ clientId })).length > 0;
  }

  private async grantsOf({ clientId, accountId }: { readonly clientId?: string; readonly accountId?: string }) {
    const values = [clientId ?? null, accountId ?? null, this.now()];
    const rows = await this.database.query<{ grant_id: string }[]>(GRANTS_OF, values);
    return rows.map(({ grant_id }) => grant_id);
  }

  /** Ends one access token, which would live until `expiresAt`. */
  async revokeAccessToken(clientId: string, tokenId: string, expiresAt: Date): Promise<void> {
    await this.database.query(REVOKE_TOKEN, [clientId, tokenId, expiresAt]);
  }

  /** Whether one of these, ids of a token and of its grant, was revoked. */
  async isRevoked(clientId: string, ids: readonly string[]): Promise<boolean> {
    return (await this.database.query<unknown[]>(IS_REVOKED, [clientId, ids])).length > 0;
  }

  /** Forgets what has expired. */
  async purge(): Promise<void> {
    for (const statement of PURGE) await this.database.query(statement, [this.now()]);
  }

  private async upsert(model: string, id: string, payload: AdapterPayload, expiresIn = 0): Promise<void> {
    const expiresAt = this.in(expiresIn);
    if (model === 'ReplayDetection') return this.insertOnce(id, expiresAt);
    const { clientId, uid } = payload;
    const grantId = model === 'Grant' ? id : payload.grantId;
    const values = [clientId, grantId, uid].map((value) => value ?? null);
    await this.database.query(UPSERT, [model, hashOf(id), ...values, withoutSecrets(payload), expiresAt]);
  }

  /** Two processes may look at one assertion at the same time; one of them is first. */
  private async insertOnce(id: string, expiresAt: Date): Promise<void> {
    const inserted = await this.database.query<unknown[]>(INSERT_ONCE, [hashOf(id), {}, expiresAt]);
    if (inserted.length === 0) throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
  }

  private async find(model: string, id: string): Promise<AdapterPayload | undefined> {
    const [row] = await this.database.query<Columns[]>(FIND, [model, hashOf(id), this.now()]);
    if (row === undefined) return undefined;
    const returnTo = model === 'Interaction' ? { returnTo: `${this.resumeUrl}/${id}` } : {};
    return { ...payloadOf(row), ...returnTo, jti: id };
  }

  private async findByUid(model: string, uid: string): Promise<AdapterPayload | undefined> {
    const [row] = await this.database.query<Columns[]>(FIND_BY_UID, [model, uid, this.now()]);
    return row && payloadOf(row);
  }

  /** Codes and refresh tokens are used once. Who comes second, even at the same time on another replica, ends the grant (RFC 9700 §4.14.2). */
  private async consume(model: string, id: string): Promise<void> {
    const taken = await this.database.query<unknown[]>(CONSUME, [model, hashOf(id), this.now()]);
    if (taken.length > 0) return;
    const grantId = (await this.find(model, id))?.grantId;
    if (grantId !== undefined) await this.revokeGrant(grantId);
    throw new errors.InvalidGrant('already used');
  }

  private async destroy(model: string, id: string): Promise<void> {
    if (model === 'Grant') await this.revokeGrant(id);
    else await this.database.query(DESTROY, [model, hashOf(id)]);
  }

  private in(seconds: number): Date {
    return new Date(this.now().getTime() + seconds * 1000);
  }
}

const hashOf = (id: string): string => createHash('sha256').update(id).digest('base64url');

/** Nor is `login_hint` kept: it is somebody's address. */
const withoutSecrets = ({ jti: _jti, returnTo: _returnTo, ...payload }: AdapterPayload): AdapterPayload => {
  const { session, params } = payload;
  const { login_hint: _hint, ...otherParams } = params ?? {};
  return {
    ...payload,
    ...(session === undefined ? {} : { session: { ...session, cookie: '' } }),
    ...(params === undefined ? {} : { params: otherParams }),
  };
};

const payloadOf = ({ payload, consumed_at }: Columns): AdapterPayload => ({
  ...payload,
  ...(consumed_at === null ? {} : { consumed: Math.floor(consumed_at.getTime() / 1000) }),
});
