import type { Migration, MigrationRunner } from '#postgres';

/** The filling of an erased tenant: empty for good. */
export class MarkEndedFillings1795298660811 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_generations ADD ended boolean NOT NULL DEFAULT false');
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('ALTER TABLE projection_generations DROP ended');
  }
}
