import type { Migration, MigrationRunner } from '#postgres';

/** When the data of an off-boarded tenant ends, when it did, and when the last of it was removed. */
export class AddTenantErasure1795298660780 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE tenants ADD erases_at timestamptz, ADD erased_at timestamptz, ADD cleared_at timestamptz',
    );
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE tenants DROP erases_at, DROP erased_at, DROP cleared_at');
  }
}
