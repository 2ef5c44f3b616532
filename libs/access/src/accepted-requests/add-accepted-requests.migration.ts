import { SERVICE_ROLE, tenantWall, type Migration, type MigrationRunner } from '#postgres';

/**
 * Requests that were accepted to be carried out later (RFC 9967 §2.5.1). What they say, and what came of them, is sealed under a key of each request's
 * own. `request_queues` says which tenants have work waiting, and how much: numbers alone, read across tenants.
 */
export class AddAcceptedRequests1795297971618 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE request_queues (
      tenant_id text COLLATE "C" PRIMARY KEY,
      waiting integer NOT NULL CHECK (waiting >= 0),
      purge_at timestamptz
    )`);
    await runner.query('CREATE INDEX request_queues_with_work ON request_queues (tenant_id) WHERE waiting > 0');
    await runner.query('CREATE INDEX request_queues_to_purge ON request_queues (purge_at)');
    await runner.query(`CREATE TABLE accepted_requests (
      tenant_id text COLLATE "C" NOT NULL,
      txn text COLLATE "C" NOT NULL,
      position bigint GENERATED ALWAYS AS IDENTITY,
      lane text COLLATE "C" NOT NULL,
      accepted_at timestamptz NOT NULL,
      sealed_request text,
      lease_number integer NOT NULL,
      attempts integer NOT NULL,
      leased_until timestamptz NOT NULL,
      completed_at timestamptz,
      sealed_result text,
      PRIMARY KEY (tenant_id, txn)
    )`);
    await runner.query(
      'CREATE INDEX accepted_requests_waiting ON accepted_requests (tenant_id, lane, position) WHERE completed_at IS NULL',
    );
    await runner.query('CREATE INDEX accepted_requests_done ON accepted_requests (tenant_id, completed_at)');
    for (const table of ['request_queues', 'accepted_requests'])
      for (const statement of tenantWall(table)) await runner.query(statement);
    await runner.query('CREATE POLICY queues_are_read ON request_queues FOR SELECT USING (true)');
    await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON request_queues, accepted_requests TO ${SERVICE_ROLE}`);
  }

  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE accepted_requests, request_queues');
  }
}
