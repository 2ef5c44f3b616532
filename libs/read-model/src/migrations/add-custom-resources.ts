import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/** Resources of tenants' own types: one table for all of them, since their schemas are data. Columns as those of users and groups. */
export class AddCustomResources1795299021067 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    for (const statement of [...tables, ...indexes, ...walled.flatMap(tenantWall), ...grants])
      await runner.query(statement);
  }

  async down(runner: MigrationRunner): Promise<void> {
    for (const table of walled) await runner.query(`DROP TABLE ${table}`);
  }
}

const key = `tenant_id text COLLATE "C" NOT NULL, generation int NOT NULL`;

const tables = [
  `CREATE TABLE read_resources (${key},
    id text COLLATE "C" NOT NULL,
    resource_type text COLLATE "C" NOT NULL,
    revision int NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    external_id text COLLATE "C",
    display_name text COLLATE "C",
    attributes jsonb NOT NULL,
    search jsonb NOT NULL,
    PRIMARY KEY (tenant_id, generation, id))`,
  `CREATE TABLE read_resource_totals (${key},
    resource_type text COLLATE "C" NOT NULL,
    total int NOT NULL,
    PRIMARY KEY (tenant_id, generation, resource_type))`,
];

const lookup = (name: string, ...columns: readonly string[]): string =>
  `CREATE INDEX read_resources_${name} ON read_resources (tenant_id, generation, resource_type, ${[...columns, 'id'].join(', ')})`;

const indexes = [
  lookup('type'),
  lookup('external_id', 'external_id'),
  lookup('display_name', 'display_name'),
  lookup('changed_at', 'changed_at'),
];

const walled = ['read_resources', 'read_resource_totals'];
const grants = walled.map((table) => `GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${SERVICE_ROLE}`);
