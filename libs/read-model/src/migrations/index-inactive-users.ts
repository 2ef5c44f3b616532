import type { Migration, MigrationRunner } from '#postgres';

/** Those without access are few, and looked for when access is reviewed. It costs nothing for everybody else. */
export class IndexInactiveUsers1795297775760 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('CREATE INDEX read_users_inactive ON read_users (tenant_id, generation, id) WHERE NOT active');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP INDEX read_users_inactive');
  }
}
