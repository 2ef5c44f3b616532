import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Registry } from 'prom-client';
import { CommandRunner, EdgeIndex, EventLog, EventStore } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import {
  CheckpointSignal,
  DirectoryProjector,
  Generations,
  ProcessCheckpoints,
  Sweeper,
  TableStatistics,
} from '#read-model';
import { Health, LOGGER } from '#runtime';
import type { Log } from './log.js';
import { MembershipReaper } from './membership-reaper.js';
import { defaultProjectorOptions, Projector, type ProjectorOptions } from './projector.js';
import { ProjectorMetrics } from './projector-metrics.js';

export interface ProjectorModuleOptions {
  /** Names this process in leases; another one each start. */
  readonly worker: string;
  /** What read models are written with. */
  readonly database: TenantDatabase;
  /** Shared with the queries of the same process, so that they need not poll. */
  readonly signal?: CheckpointSignal;
  readonly options?: Partial<Omit<ProjectorOptions, 'worker'>>;
}

/** Others leave a tenant alone for so long after each batch: the time a killed projector's tenants wait. */
const LEASE_MS = 2_000;
/** Renewed with every page of groups; two at it at once do no harm, for a loss is recorded once. */
const REAPER_LEASE_MS = 5_000;

@Injectable()
class ProjectorLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly projector: Projector,
    private readonly reaper: MembershipReaper,
    private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.health.register('projector', () => this.projector.check());
    this.projector.start();
    this.reaper.start();
  }

  /** Before connections close. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.projector.stop(), this.reaper.stop()]);
  }
}

/** The projector as a part of any process that has RuntimeModule and StoresModule. */
@Module({})
export class ProjectorModule {
  static register({
    worker,
    database,
    signal = new CheckpointSignal(),
    options = {},
  }: ProjectorModuleOptions): DynamicModule {
    const settings: ProjectorOptions = { ...defaultProjectorOptions, ...options, worker };
    const generations = new Generations(database.pool);
    return {
      module: ProjectorModule,
      providers: [
        {
          provide: ProjectorMetrics,
          inject: [Registry],
          useFactory: (registry: Registry) => new ProjectorMetrics(registry),
        },
        { provide: Generations, useValue: generations },
        {
          provide: MembershipReaper,
          inject: [EventLog, EdgeIndex, CommandRunner, LOGGER],
          useFactory: (log: EventLog, edges: EdgeIndex, runner: CommandRunner, logger: Log) =>
            new MembershipReaper({
              log,
              edges,
              runner,
              checkpoints: new ProcessCheckpoints(database.pool, 'membership-reaper', worker, REAPER_LEASE_MS),
              logger,
            }),
        },
        {
          provide: Projector,
          inject: [EventStore, ProjectorMetrics, LOGGER, MembershipReaper],
          useFactory: (store: EventStore, metrics: ProjectorMetrics, log: Log, reaper: MembershipReaper) =>
            new Projector(
              {
                eventLog: store.log,
                projector: new DirectoryProjector(store, database, generations, {
                  worker,
                  leaseMs: LEASE_MS,
                  batchEvents: settings.batchEvents,
                }),
                generations,
                sweeper: new Sweeper(database),
                statistics: new TableStatistics(database.pool, (error) =>
                  log.warn({ err: error }, 'no fresh statistics for the planner'),
                ),
                metrics,
                log,
                signal,
                onDeleted: (tenantId) => reaper.wake(tenantId),
              },
              settings,
            ),
        },
        ProjectorLifecycle,
      ],
      exports: [Generations, Projector],
    };
  }
}
