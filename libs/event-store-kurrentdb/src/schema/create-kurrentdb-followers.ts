import { tenantWall, type Migration, type MigrationRunner } from '#postgres';

const STATEMENTS = [
  // How far the log's heads were followed. Ids and numbers only, written for many tenants at once: no wall.
  `CREATE TABLE kurrentdb_heads (tenant_id text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL)`,
  `CREATE TABLE kurrentdb_position (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    commit_position bigint NOT NULL,
    prepare_position bigint NOT NULL
  )`,
  // How far a tenant's events are in the edge index; rows and this number change in one transaction.
  `CREATE TABLE kurrentdb_edge_positions (tenant_id text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL)`,
  ...tenantWall('kurrentdb_edge_positions'),
  'GRANT SELECT, INSERT, UPDATE ON kurrentdb_heads, kurrentdb_position, kurrentdb_edge_positions TO rollcall_service',
];

/** What stands in PostgreSQL beside a log in KurrentDB. Made on every installation, empty where the log is in PostgreSQL. */
export class CreateKurrentdbFollowers1795300000000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE kurrentdb_heads, kurrentdb_position, kurrentdb_edge_positions');
  }
}
