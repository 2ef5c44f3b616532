import type { Migration, MigrationRunner } from '#postgres';
import { APPEND_FUNCTION, APPLY_EDGES_FUNCTION } from './append-function.js';

/**
 * One batch serves several tenants, so the tables it writes let in the rows of each tenant listed in the session (app.tenant_id). The list is
 * hashed once a statement; as `= ANY (array)` it would become an index condition and be sorted again for every row looked up.
 */
const LISTED = `tenant_id IN (SELECT unnest(string_to_array(current_setting('app.tenant_id', true), ',')))`;

const ID = `text COLLATE "C" NOT NULL`;

const TABLES = [
  // Nothing here is ever changed or removed: the service role may only insert and read. "json" keeps what was written byte for byte.
  `CREATE TABLE events (
    tenant_id ${ID},
    sequence bigint NOT NULL,
    stream_name ${ID},
    revision int NOT NULL,
    id uuid NOT NULL,
    type text NOT NULL,
    schema_version int NOT NULL,
    data json NOT NULL,
    metadata json NOT NULL,
    time timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sequence),
    UNIQUE (tenant_id, stream_name, revision)
  )`,
  `CREATE TABLE streams (
    tenant_id ${ID},
    stream_name ${ID},
    revision int NOT NULL,
    open boolean NOT NULL,
    PRIMARY KEY (tenant_id, stream_name)
  ) WITH (fillfactor = 85)`,
  // One small row a tenant, updated by each append: room on the page keeps the updates there.
  `CREATE TABLE tenant_heads (
    tenant_id text COLLATE "C" PRIMARY KEY,
    sequence bigint NOT NULL
  ) WITH (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`,
  `CREATE TABLE subject_keys (
    tenant_id ${ID},
    subject_id ${ID},
    wrapped_key bytea NOT NULL,
    tenant_key_version int NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subject_id)
  )`,
  // Who has whom now, and who had whom: a removed edge moves, so that the present stays as small as it is.
  `CREATE TABLE edges (
    tenant_id ${ID},
    source_id ${ID},
    target_id ${ID},
    target_kind text NOT NULL,
    added bigint NOT NULL,
    gone boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, source_id, target_id)
  )`,
  `CREATE INDEX edges_by_target ON edges (tenant_id, target_id, source_id)`,
  `CREATE TABLE past_edges (
    tenant_id ${ID},
    source_id ${ID},
    target_id ${ID},
    target_kind text NOT NULL,
    added bigint NOT NULL,
    removed bigint NOT NULL,
    PRIMARY KEY (tenant_id, source_id, target_id, removed)
  )`,
  `CREATE TABLE gone_sources (
    tenant_id ${ID},
    source_id ${ID},
    sequence bigint NOT NULL,
    PRIMARY KEY (tenant_id, source_id)
  )`,
];

const walled = (table: string): readonly string[] => [
  `ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`,
];

const WALLS = [
  ...walled('events'),
  `CREATE POLICY one_tenant_reads ON events FOR SELECT USING (tenant_id = current_setting('app.tenant_id', true))`,
  `CREATE POLICY listed_tenants_append ON events FOR INSERT WITH CHECK (${LISTED})`,
  ...['streams', 'edges', 'past_edges', 'gone_sources', 'subject_keys'].flatMap((table) => [
    ...walled(table),
    `CREATE POLICY listed_tenants ON ${table} USING (${LISTED})`,
  ]),
  // Followers of the log ask which tenants have news: ids and numbers only.
  ...walled('tenant_heads'),
  `CREATE POLICY heads_are_read ON tenant_heads FOR SELECT USING (true)`,
  `CREATE POLICY listed_tenants_begin ON tenant_heads FOR INSERT WITH CHECK (${LISTED})`,
  `CREATE POLICY listed_tenants_move ON tenant_heads FOR UPDATE USING (${LISTED})`,
];

const GRANTS = [
  'GRANT SELECT, INSERT ON events, past_edges, gone_sources TO rollcall_service',
  'GRANT SELECT, INSERT, UPDATE ON streams, tenant_heads TO rollcall_service',
  'GRANT SELECT, INSERT, UPDATE, DELETE ON edges, subject_keys TO rollcall_service',
];

/** The log, the membership index and the subjects' keys, which are written in one transaction. */
export class CreateEventLog1795000000000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of [...TABLES, ...WALLS, APPLY_EDGES_FUNCTION, APPEND_FUNCTION, ...GRANTS])
      await runner.query(statement);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP FUNCTION append_events, apply_edges');
    await runner.query('DROP TABLE events, streams, tenant_heads, subject_keys, edges, past_edges, gone_sources');
  }
}
