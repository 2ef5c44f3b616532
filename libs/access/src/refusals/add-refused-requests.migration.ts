import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/** Writes that were refused: who asked for what, when, and why not; never what the request said (DESIGN §4, §9). */
export class AddRefusedRequests1795299863821 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE refused_requests (
      tenant_id text COLLATE "C" NOT NULL,
      id bigint GENERATED ALWAYS AS IDENTITY,
      refused_at timestamptz NOT NULL,
      request_id text NOT NULL,
      actor_kind text,
      actor_id text COLLATE "C",
      method text NOT NULL,
      resource_type text,
      resource_id text COLLATE "C",
      status smallint NOT NULL,
      scim_type text,
      code text NOT NULL,
      times integer NOT NULL,
      PRIMARY KEY (tenant_id, id)
    )`);
    await runner.query('CREATE INDEX refused_requests_by_time ON refused_requests (tenant_id, refused_at, id)');
    for (const statement of tenantWall('refused_requests')) await runner.query(statement);
    await runner.query(`GRANT SELECT, INSERT, DELETE ON refused_requests TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE refused_requests');
  }
}
