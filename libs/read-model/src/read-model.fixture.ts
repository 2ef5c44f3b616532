import { randomUUID } from 'node:crypto';
import pg, { type Pool } from 'pg';
import { directoryEvents, membershipEdges, type DirectoryEvent } from '#directory';
import { EventStore, InMemoryEventLog, streamName, type EventMetadata, type Message } from '#event-sourcing';
import { createServicePool, TenantDatabase, type Migration, type MigrationRunner } from '#postgres';
import type { Attributes } from '#scim';
import { tenancyEvents, type ChosenSettings } from '#tenancy';
import { createTestDatabase, InMemorySealer } from '#testing';
import { readModelMigrations } from './migrations/read-model-migrations.js';
import { DirectoryProjector } from './projection/directory-projector.js';
import { Generations, type Filling } from './projection/generations.js';
import { CheckpointWatch } from './query/checkpoint-watch.js';
import { GroupQueries } from './query/group-queries.js';
import { ReadBarrier, type LogHead } from './query/read-barrier.js';
import { ResourceReader } from './query/resource-reader.js';
import { UserQueries } from './query/user-queries.js';

/** The one table of the event log that queries look at; here the log itself is in memory. */
class CreateTenantHeads1767225600299 implements Migration {
  async up(runner: MigrationRunner): Promise<void> {
    await runner.query(`CREATE TABLE tenant_heads (tenant_id text COLLATE "C" PRIMARY KEY, sequence bigint NOT NULL)`);
    await runner.query(`GRANT ALL ON tenant_heads TO PUBLIC`);
  }
  async down(runner: MigrationRunner): Promise<void> {
    await runner.query('DROP TABLE tenant_heads');
  }
}

const metadata: EventMetadata = {
  actor: { kind: 'system', id: 'spec' },
  requestId: 'r',
  correlationId: 'c',
  txn: 't',
};

export const scimBaseUrl = (tenantId: string): string => `https://id.example.com/t/${tenantId}/scim/v2`;

/** A log in memory beside a real database whose tables are reached as services reach them: as their role, under row-level security. */
export const createStage = async () => {
  const database = await createTestDatabase([CreateTenantHeads1767225600299, ...readModelMigrations]);
  const pool = createServicePool({ url: database.ownerUrl, applicationName: 'read-model-spec', max: 8 });
  const scanPool = createServicePool({
    url: database.ownerUrl,
    applicationName: 'read-model-spec',
    max: 2,
    statementTimeoutMs: 5_000,
  });
  const owner = createOwnerPool(database.ownerUrl);
  const log = new InMemoryEventLog();
  const sealer = new InMemorySealer();
  const catalogue = {
    ...directoryEvents,
    ...tenancyEvents,
    UserMerged: { schemaVersion: 1, sealed: {} },
  };
  const events = new EventStore(log, sealer, catalogue, randomUUID, membershipEdges);
  const tenants = new TenantDatabase(pool);
  const generations = new Generations(pool);

  const append = async (
    tenantId: string,
    kind: 'user' | 'group' | 'resource' | 'control',
    id: string,
    ...facts: readonly (DirectoryEvent | Message)[]
  ) => {
    const name = streamName(kind, tenantId, id);
    const position = (await log.positions(tenantId, [name])).get(name);
    const writes = facts.map((event) => ({ event, metadata }));
    await events.append({
      streams: [{ tenantId, streamName: name, expected: position?.revision ?? 'no-stream', events: writes }],
      time: new Date(),
    });
  };
  const showHead = async (tenantId: string) => {
    await pool.query(
      'INSERT INTO tenant_heads VALUES ($1, $2) ON CONFLICT (tenant_id) DO UPDATE SET sequence = EXCLUDED.sequence',
      [tenantId, await log.head(tenantId)],
    );
  };
  const newProjector = (options: { batchEvents?: number; worker?: string } = {}) =>
    new DirectoryProjector(events, tenants, generations, {
      worker: 'spec',
      leaseMs: 1000,
      batchEvents: 100,
      ...options,
    });
  const newReader = (head: LogHead = 'same-database', waitMs = 2000, own: Pool = pool) => {
    const barrier = new ReadBarrier(new CheckpointWatch(own), { head, waitMs, monotonicMs: () => performance.now() });
    return new ResourceReader({
      lookUps: new TenantDatabase(own),
      pages: new TenantDatabase(own),
      scans: new TenantDatabase(scanPool),
      barrier,
      scimBaseUrl,
    });
  };
  const reader = newReader();

  return {
    database,
    pool,
    /** Sees everything: no policy stops it. */
    owner,
    log,
    sealer,
    events,
    tenants,
    generations,
    append,
    showHead,
    newProjector,
    newReader,
    users: new UserQueries(reader),
    groups: new GroupQueries(reader),
    /** Brings every filling of the tenant to the log's head and shows the head to queries. */
    async project(tenantId: string, projector = newProjector()): Promise<readonly Filling[]> {
      const done = [];
      for (const filling of await generations.begin(tenantId)) done.push(await fill(projector, filling));
      await showHead(tenantId);
      return done;
    },
    async close(): Promise<void> {
      await Promise.all([pool.end(), scanPool.end(), owner.end()]);
      await database.drop();
    },
  };
};

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** Applies batches until there is nothing more, or another worker or a fault is in the way. */
export const fill = async (projector: DirectoryProjector, filling: Filling): Promise<Filling> => {
  let current = filling;
  for (;;) {
    const events = await projector.read(current);
    if (events.length === 0) return current;
    const applied = await projector.apply(current, events);
    if (applied.kind !== 'applied') return current;
    current = applied.filling;
  }
};

const createOwnerPool = (url: string): Pool => new pg.Pool({ connectionString: url, max: 2 });

export const created = (attributes: Attributes, active = true): DirectoryEvent => ({
  type: 'UserCreated',
  data: { attributes, active },
});
export const groupCreated = (displayName: string, rest: Attributes = {}): DirectoryEvent => ({
  type: 'GroupCreated',
  data: { attributes: { displayName, ...rest } },
});
export const membersAdded = (...ids: readonly string[]): DirectoryEvent => ({
  type: 'GroupMembersAdded',
  data: { members: ids.map((value) => ({ value, type: 'User' })) },
});
/** In the stream of kind `control`, under the empty id. */
export const settingsChanged = (settings: ChosenSettings): Message => ({
  type: 'TenantSettingsChanged',
  data: { settings },
});
