import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/**
 * Text is compared by code point (`COLLATE "C"`), on columns folded when they are written. Under row-level security an index serves `=`
 * and ranges on plain columns only (DESIGN §5), so these columns and indexes are what clients look up.
 */
export class CreateReadModel1767225600300 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    const statements = [...tables, ...indexes, ...bookkeeping, ...walled.flatMap(tenantWall), ...grants, ...statistics];
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP FUNCTION gather_read_model_statistics()');
    for (const name of [...walled, ...open]) await runner.query(`DROP TABLE ${name}`);
  }
}

const key = `tenant_id text COLLATE "C" NOT NULL, generation int NOT NULL`;
const resource = `${key},
  id text COLLATE "C" NOT NULL,
  revision int NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  external_id text COLLATE "C",
  display_name text COLLATE "C",
  attributes jsonb NOT NULL,
  search jsonb NOT NULL,
  PRIMARY KEY (tenant_id, generation, id)`;

const tables = [
  `CREATE TABLE read_users (${resource}, active boolean NOT NULL, user_name text COLLATE "C")`,
  `CREATE TABLE read_groups (${resource})`,
  `CREATE TABLE read_emails (${key},
    user_id text COLLATE "C" NOT NULL,
    position int NOT NULL,
    value text COLLATE "C",
    type text COLLATE "C",
    is_primary boolean,
    PRIMARY KEY (tenant_id, generation, user_id, position))`,
  `CREATE TABLE read_memberships (${key},
    group_id text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    member_type text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, generation, group_id, member_id))`,
  `CREATE TABLE membership_sweeps (${key},
    group_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, generation, group_id))`,
];

const lookup = (table: string, column: string, id = 'id'): string =>
  `CREATE INDEX ${table}_${column} ON ${table} (tenant_id, generation, ${column}, ${id})`;

const indexes = [
  lookup('read_users', 'user_name'),
  lookup('read_users', 'external_id'),
  lookup('read_users', 'display_name'),
  lookup('read_users', 'changed_at'),
  lookup('read_groups', 'external_id'),
  lookup('read_groups', 'display_name'),
  lookup('read_groups', 'changed_at'),
  lookup('read_emails', 'value', 'user_id'),
  lookup('read_memberships', 'member_id', 'group_id'),
];

const walled = ['read_users', 'read_groups', 'read_emails', 'read_memberships', 'membership_sweeps'];
const open = ['projection_generations', 'process_checkpoints'];
const grants = [...walled, ...open].map(
  (table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${SERVICE_ROLE}`,
);

/** With the owner's rights: services may not analyze tables, but know when these have grown. */
const statistics = [
  `CREATE FUNCTION gather_read_model_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT
  AS $$ BEGIN ANALYZE read_users, read_groups, read_emails, read_memberships, projection_generations; END $$`,
  `REVOKE EXECUTE ON FUNCTION gather_read_model_statistics() FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION gather_read_model_statistics() TO ${SERVICE_ROLE}`,
];

/** Positions in the log, read across tenants by projectors: numbers and tenant ids, nothing of a tenant's own, hence no wall. */
const bookkeeping = [
  `CREATE TABLE projection_generations (
    tenant_id text COLLATE "C" NOT NULL,
    projection text COLLATE "C" NOT NULL,
    generation int NOT NULL,
    version int NOT NULL,
    status text COLLATE "C" NOT NULL CHECK (status IN ('live', 'building', 'retired')),
    sequence bigint NOT NULL DEFAULT 0,
    event_time timestamptz,
    users_total int NOT NULL DEFAULT 0,
    groups_total int NOT NULL DEFAULT 0,
    worker text COLLATE "C",
    lease_until timestamptz,
    parked_event_id text COLLATE "C",
    parked_sequence bigint,
    parked_code text COLLATE "C",
    parked_at timestamptz,
    PRIMARY KEY (tenant_id, projection, generation)
  ) WITH (fillfactor = 50)`, // one update a batch: they stay on their page
  `CREATE UNIQUE INDEX projection_generations_live ON projection_generations (projection, tenant_id) WHERE status = 'live'`,
  `CREATE UNIQUE INDEX projection_generations_building ON projection_generations (projection, tenant_id) WHERE status = 'building'`,
  `CREATE TABLE process_checkpoints (
    process text COLLATE "C" NOT NULL,
    tenant_id text COLLATE "C" NOT NULL,
    sequence bigint NOT NULL DEFAULT 0,
    worker text COLLATE "C",
    lease_until timestamptz,
    PRIMARY KEY (process, tenant_id)
  ) WITH (fillfactor = 50)`,
];
