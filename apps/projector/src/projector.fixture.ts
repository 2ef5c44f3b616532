import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { Registry } from 'prom-client';
import {
  directoryEvents,
  groupStream,
  membershipEdges,
  userStream,
  type GroupCommand,
  type UserCommand,
} from '#directory';
import { PostgresEdgeIndex, PostgresEventLog, eventLogMigrations } from '#event-store-postgres';
import { CommandRunner, EventStore, type EventMetadata } from '#event-sourcing';
import { createServicePool, TenantDatabase } from '#postgres';
import {
  CheckpointSignal,
  CheckpointWatch,
  DirectoryProjector,
  Generations,
  GroupQueries,
  ProcessCheckpoints,
  readModelMigrations,
  ReadBarrier,
  ResourceReader,
  Sweeper,
  UserQueries,
  TableStatistics,
} from '#read-model';
import { controlStream, tenancyEvents, type ControlCommand } from '#tenancy';
import { createTestDatabase, InMemorySealer, type TestDatabase } from '#testing';
import type { Log } from './log.js';
import { MembershipReaper } from './membership-reaper.js';
import { defaultProjectorOptions, Projector, type ProjectorOptions } from './projector.js';
import { ProjectorMetrics } from './projector-metrics.js';

export const metadata: EventMetadata = {
  actor: { kind: 'token', id: 'spec' },
  requestId: 'request-1',
  correlationId: 'correlation-1',
  txn: 'txn-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
};

/** Two sides that share nothing but the database: one writes and reads as scim-api does, the other projects. */
export const createScene = async () => {
  const database = await createTestDatabase([...eventLogMigrations, ...readModelMigrations]);
  const sealer = new InMemorySealer();
  const side = () => openSide(database, sealer);
  const api = side();
  const sides = [api];
  const projectors: (Projector | MembershipReaper)[] = [];
  const opened = () => {
    const other = side();
    sides.push(other);
    return other;
  };
  const projector = (options: Partial<ProjectorOptions> = {}, on = opened(), signal = new CheckpointSignal()) => {
    const worker = `worker-${randomUUID()}`;
    const settings = { ...defaultProjectorOptions, worker, ...options };
    const metrics = new ProjectorMetrics(new Registry());
    const generations = new Generations(on.pool);
    const reaper = newReaper(on, worker);
    const made = new Projector(
      {
        eventLog: on.log,
        projector: new DirectoryProjector(on.store, on.tenants, generations, {
          worker,
          leaseMs: 300,
          batchEvents: settings.batchEvents,
        }),
        generations,
        sweeper: new Sweeper(on.tenants),
        statistics: new TableStatistics(on.pool, (error) => on.logger.warn({ err: error }, 'statistics')),
        metrics,
        log: on.logger,
        signal,
        onDeleted: (tenantId) => reaper.wake(tenantId),
      },
      settings,
    );
    projectors.push(made, reaper);
    return { projector: made, reaper, metrics, signal, side: on };
  };
  return {
    database,
    sealer,
    ...api,
    generations: new Generations(api.pool),
    opened,
    projector,
    async close(): Promise<void> {
      await Promise.all(projectors.map((one) => one.stop()));
      for (const one of sides) {
        await one.log.close();
        await one.pool.end();
      }
      await database.drop();
    },
  };
};

export type Scene = Awaited<ReturnType<typeof createScene>>;
type Side = ReturnType<typeof openSide>;

const openSide = (database: TestDatabase, sealer: InMemorySealer) => {
  const pool = createServicePool({ url: database.ownerUrl, applicationName: 'projector-spec', max: 10 });
  const log = new PostgresEventLog(pool);
  const edges = new PostgresEdgeIndex(pool);
  const store = new EventStore(log, sealer, { ...directoryEvents, ...tenancyEvents }, randomUUID, membershipEdges);
  const runner = new CommandRunner(store, sealer, {
    retryForMs: 5000,
    maxBatch: 64,
    cachedStates: 1000,
    delay: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    random: Math.random,
    now: () => new Date(),
    monotonicMs: () => performance.now(),
  });
  const groups = groupStream(log, edges);
  const logged: { level: string; fields: object; message: string }[] = [];
  const logger = Object.fromEntries(
    (['debug', 'info', 'warn', 'error'] as const).map((level) => [
      level,
      (fields: object, message: string) => void logged.push({ level, fields, message }),
    ]),
  ) as unknown as Log;
  return {
    pool,
    log,
    edges,
    store,
    runner,
    logger,
    logged,
    tenants: new TenantDatabase(pool),
    user: (tenantId: string, resourceId: string, command: UserCommand) =>
      runner.run(userStream, { tenantId, resourceId, command, metadata }),
    group: (tenantId: string, resourceId: string, command: GroupCommand) =>
      runner.run(groups, { tenantId, resourceId, command, metadata }),
    control: (tenantId: string, command: ControlCommand) =>
      runner.run(controlStream, { tenantId, resourceId: '', command, metadata }),
    queries: (signal?: CheckpointSignal, waitMs = 5000) => queriesOn(pool, signal, waitMs),
  };
};

const queriesOn = (pool: Pool, signal: CheckpointSignal | undefined, waitMs: number) => {
  const barrier = new ReadBarrier(new CheckpointWatch(pool, signal), {
    waitMs,
    head: 'same-database',
    monotonicMs: () => performance.now(),
  });
  const database = new TenantDatabase(pool);
  const reader = new ResourceReader({
    lookUps: database,
    pages: database,
    scans: database,
    barrier,
    scimBaseUrl: (id) => `https://id.example.com/t/${id}/scim/v2`,
  });
  return { users: new UserQueries(reader), groups: new GroupQueries(reader) };
};

const newReaper = (on: Side, worker: string): MembershipReaper =>
  new MembershipReaper(
    {
      log: on.log,
      edges: on.edges,
      runner: on.runner,
      checkpoints: new ProcessCheckpoints(on.pool, 'membership-reaper', worker, 1000),
      logger: on.logger,
    },
    { batchEvents: 100, pollMs: 100 },
  );

export const createUser = (userName: string): UserCommand => ({
  type: 'CreateUser',
  data: { attributes: { userName }, active: true },
});
export const createGroup = (displayName: string, ...ids: readonly string[]): GroupCommand => ({
  type: 'CreateGroup',
  data: { attributes: { displayName }, members: { kind: 'replace', members: ids.map((value) => ({ value })) } },
});

/** Asks again until it holds; fails when it does not within the time. */
export const eventually = async (holds: () => Promise<boolean>, withinMs = 10_000): Promise<void> => {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error('It never came true.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
