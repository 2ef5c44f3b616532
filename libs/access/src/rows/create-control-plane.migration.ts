import { AddAcceptedRequests1795297971618 } from '../accepted-requests/add-accepted-requests.migration.js';
import { AddRefusedRequests1795299863821 } from '../refusals/add-refused-requests.migration.js';
import { AddIdempotencyKeys1767225600420 } from '../idempotency/add-idempotency-keys.migration.js';
import { AddExtensionSchemas1767225600410 } from './add-extension-schemas.migration.js';
import { AddAdministrators1795300142065 } from './add-administrators.migration.js';
import { AddOAuthState1795297930182 } from './add-oauth-state.migration.js';
import { AddResourceTypes1795297963113 } from './add-resource-types.migration.js';
import { AddTenantErasure1795298660780 } from './add-tenant-erasure.migration.js';
import { SERVICE_ROLE, type Migration, type MigrationClass, type MigrationRunner } from '#postgres';

const UP = [
  `CREATE TABLE tenants (
    id text COLLATE "C" PRIMARY KEY,
    display_name text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'suspended', 'offboarded')),
    settings jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
  )`,
  `CREATE TABLE oauth_clients (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    name text NOT NULL,
    grant_types text[] NOT NULL,
    redirect_uris text[] NOT NULL,
    enabled boolean NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz
  )`,
  `CREATE INDEX oauth_clients_of_tenant ON oauth_clients (tenant_id, id)`,
  `CREATE TABLE oauth_client_secrets (
    id text COLLATE "C" PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL REFERENCES oauth_clients ON DELETE CASCADE,
    hash text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  `CREATE INDEX oauth_client_secrets_of_client ON oauth_client_secrets (client_id)`,
  `CREATE TABLE scim_tokens (
    id text COLLATE "C" PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL REFERENCES tenants,
    name text NOT NULL,
    hash text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    last_used_at timestamptz
  )`,
  `CREATE INDEX scim_tokens_of_tenant ON scim_tokens (tenant_id, id)`,
  `CREATE TABLE control_checkpoints (
    tenant_id text COLLATE "C" PRIMARY KEY,
    revision integer NOT NULL
  )`,
  `CREATE TABLE control_acts (
    id uuid PRIMARY KEY,
    tenant_id text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL
  )`,
  `CREATE TABLE signing_keys (
    kid text COLLATE "C" PRIMARY KEY,
    algorithm text NOT NULL,
    public_jwk jsonb NOT NULL,
    sealed_private_jwk bytea NOT NULL,
    wrapped_key bytea NOT NULL,
    master_key_id text NOT NULL,
    use_from timestamptz NOT NULL
  )`,
];
const TABLES = [
  'signing_keys',
  'control_acts',
  'control_checkpoints',
  'scim_tokens',
  'oauth_client_secrets',
  'oauth_clients',
  'tenants',
];

/** Never edited once released: a change is another migration. */
export class CreateControlPlane1763700000000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
    for (const table of TABLES)
      await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE ${table}`);
  }
}

/** The control plane's migrations, oldest first. */
export const accessMigrations: readonly MigrationClass[] = [
  CreateControlPlane1763700000000,
  AddExtensionSchemas1767225600410,
  AddIdempotencyKeys1767225600420,
  AddTenantErasure1795298660780,
  AddAcceptedRequests1795297971618,
  AddOAuthState1795297930182,
  AddResourceTypes1795297963113,
  AddRefusedRequests1795299863821,
  AddAdministrators1795300142065,
];
