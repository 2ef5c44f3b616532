import { createHash } from 'node:crypto';
import type { TenantDatabase } from '#postgres';

/** Who an administrator is. */
export interface AdministratorPerson {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
}

/** What an administrator signs in with. */
export interface AdministratorCredentials extends AdministratorPerson {
  /** Undefined until one was chosen. */
  readonly passwordHash: string | undefined;
}

interface Columns {
  id: string;
  email: string;
  display_name: string;
  password_hash: string | null;
}

const COLUMNS = 'id, email, display_name, password_hash';

/**
 * The persons behind the ids in the log, and their passwords: operational state in PostgreSQL, behind the tenant wall. The log itself holds nothing
 * that would have to be erased. Links are kept as hashes.
 */
export class AdministratorPersons {
  constructor(private readonly database: Pick<TenantDatabase, 'query'>) {}

  /** Notes a person. Returns false when the tenant has one of that address. A person whom no administrator came of is replaced. */
  async add(tenantId: string, { id, email, displayName }: AdministratorPerson): Promise<boolean> {
    const { rowCount } = await this.database.query(tenantId, {
      text: `INSERT INTO administrator_persons AS p (tenant_id, id, email, email_folded, display_name) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, email_folded) DO UPDATE SET id = EXCLUDED.id, email = EXCLUDED.email, display_name = EXCLUDED.display_name
        WHERE NOT EXISTS (SELECT 1 FROM administrators a WHERE a.id = p.id)`,
      values: [tenantId, id, email, folded(email), displayName],
    });
    return rowCount === 1;
  }

  /** The link that was handed out last is the only one that works. */
  async setLink(
    tenantId: string,
    id: string,
    link: { readonly secret: string; readonly expiresAt: Date },
  ): Promise<void> {
    await this.database.query(tenantId, {
      text: 'UPDATE administrator_persons SET link_hash = $3, link_expires_at = $4 WHERE tenant_id = $1 AND id = $2',
      values: [tenantId, id, hashOf(link.secret), link.expiresAt],
    });
  }

  /** Whom a link was made for; undefined when it was used, replaced, has expired or never was one. */
  async byLink(tenantId: string, id: string, secret: string, now: Date): Promise<AdministratorPerson | undefined> {
    return this.one(tenantId, {
      text: `SELECT ${COLUMNS} FROM administrator_persons
        WHERE tenant_id = $1 AND id = $2 AND link_hash = $3 AND link_expires_at > $4`,
      values: [tenantId, id, hashOf(secret), now],
    });
  }

  /** Sets the password and uses the link up, both or none. Returns false when the link does not work (any more). */
  async choosePassword(
    tenantId: string,
    id: string,
    link: { secret: string; now: Date },
    passwordHash: string,
  ): Promise<boolean> {
    const { rowCount } = await this.database.query(tenantId, {
      text: `UPDATE administrator_persons SET password_hash = $5, link_hash = NULL, link_expires_at = NULL
        WHERE tenant_id = $1 AND id = $2 AND link_hash = $3 AND link_expires_at > $4`,
      values: [tenantId, id, hashOf(link.secret), link.now, passwordHash],
    });
    return rowCount === 1;
  }

  async byEmail(tenantId: string, email: string): Promise<AdministratorCredentials | undefined> {
    return this.one(tenantId, {
      text: `SELECT ${COLUMNS} FROM administrator_persons WHERE tenant_id = $1 AND email_folded = $2`,
      values: [tenantId, folded(email)],
    });
  }

  /** All of a tenant's, by id. */
  async of(tenantId: string): Promise<ReadonlyMap<string, AdministratorPerson>> {
    const { rows } = await this.database.query<Columns>(tenantId, {
      text: `SELECT ${COLUMNS} FROM administrator_persons WHERE tenant_id = $1`,
      values: [tenantId],
    });
    return new Map(rows.map((row) => [row.id, personOf(row)]));
  }

  private async one(
    tenantId: string,
    statement: { readonly text: string; readonly values: readonly unknown[] },
  ): Promise<AdministratorCredentials | undefined> {
    const [row] = (await this.database.query<Columns>(tenantId, statement)).rows;
    return row && { ...personOf(row), passwordHash: row.password_hash ?? undefined };
  }
}

const personOf = ({ id, email, display_name: displayName }: Columns): AdministratorPerson => ({
  id,
  email,
  displayName,
});

const folded = (email: string): string => email.normalize('NFKC').toLowerCase();

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
