import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/**
 * Values of the attributes that a tenant wants to be found by. A text stands there folded and as sent, a number, boolean or time as a number:
 * whatever type a schema gives the attribute, one of the columns compares as SCIM does, by an operator that row-level security lets
 * reach an index.
 */
export class AddIndexedAttributes1795298800000 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE read_values (
      tenant_id text COLLATE "C" NOT NULL,
      generation int NOT NULL,
      path text COLLATE "C" NOT NULL,
      resource_id text COLLATE "C" NOT NULL,
      position int NOT NULL,
      folded text COLLATE "C",
      exact text COLLATE "C",
      number float8,
      PRIMARY KEY (tenant_id, generation, path, resource_id, position))`);
    for (const column of ['folded', 'exact', 'number'])
      await runner.query(`CREATE INDEX read_values_${column} ON read_values (tenant_id, generation, path, ${column}, resource_id)
        WHERE ${column} IS NOT NULL`);
    for (const statement of tenantWall('read_values')) await runner.query(statement);
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON read_values TO ${SERVICE_ROLE}`);
    await runner.query(`ALTER TABLE projection_generations
      ADD COLUMN indexes text[] NOT NULL DEFAULT '{}', ADD COLUMN wanted_indexes text[] NOT NULL DEFAULT '{}'`);
    await runner.query(`CREATE OR REPLACE FUNCTION gather_read_model_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
      SET search_path FROM CURRENT AS $$ DECLARE name text; BEGIN
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema()
          AND (tablename LIKE 'read\\_%' OR tablename = 'projection_generations')
        LOOP EXECUTE format('ANALYZE %I', name); END LOOP;
      END $$`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_generations DROP COLUMN indexes, DROP COLUMN wanted_indexes');
    await runner.query('DROP TABLE read_values'); // the function looks for what there is
  }
}
