import { SERVICE_ROLE, type Migration, type MigrationRunner } from '#postgres';

/**
 * The owner of the schema may see and rewrap the keys of all tenants; services may not. What services may ask is which master keys are in
 * use, which tells nothing of any tenant: they are not ready while one of these is missing. The walk over the index costs as much as there
 * are different master keys.
 */
export class AllowMasterKeyRotation1795297889249 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('CREATE INDEX tenant_keys_by_master_key ON tenant_keys (master_key_id)');
    await runner.query('CREATE POLICY owner_rewraps ON tenant_keys TO CURRENT_USER USING (true)');
    await runner.query(`
      CREATE FUNCTION master_keys_in_use() RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
        WITH RECURSIVE in_use (id) AS (
          SELECT min(master_key_id) FROM tenant_keys
          UNION ALL
          SELECT (SELECT min(k.master_key_id) FROM tenant_keys k WHERE k.master_key_id > in_use.id) FROM in_use WHERE in_use.id IS NOT NULL
        ) SELECT id FROM in_use WHERE id IS NOT NULL
      $$`);
    await runner.query('REVOKE EXECUTE ON FUNCTION master_keys_in_use() FROM PUBLIC');
    await runner.query(`GRANT EXECUTE ON FUNCTION master_keys_in_use() TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP FUNCTION master_keys_in_use()');
    await runner.query('DROP POLICY owner_rewraps ON tenant_keys');
    await runner.query('DROP INDEX tenant_keys_by_master_key');
  }
}
