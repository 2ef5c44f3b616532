import {
  Injectable,
  Module,
  type BeforeApplicationShutdown,
  type DynamicModule,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { ControlFollower, type TenantErasures } from '#access';
import { ResourceErasure } from '#directory';
import type { EnvelopeSealer } from '#encryption';
import type { CommandRunner, EdgeIndex, EventStore } from '#event-sourcing';
import type { TenantDatabase } from '#postgres';
import type { ProcessCheckpoints } from '#read-model';
import { LOGGER } from '#runtime';
import { Clock } from '../admin/clock.js';
import { OffboardingController } from '../admin/offboarding.controller.js';
import { ErasureMetrics } from './erasure-metrics.js';
import { ErasurePolicyWork } from './erasure-policy.js';
import { ErasureWorker } from './erasure-worker.js';

export interface ErasureDependencies {
  /** AuthModule: acts of the worker are acts on control streams too. */
  readonly auth: DynamicModule;
  readonly store: EventStore;
  readonly edges: EdgeIndex;
  readonly runner: CommandRunner;
  readonly sealer: Pick<EnvelopeSealer, 'eraseSubject' | 'eraseTenant'>;
  readonly database: TenantDatabase;
  readonly erasures: TenantErasures;
  /** How far the policies of tenants have come in their logs. */
  readonly checkpoints: ProcessCheckpoints;
  readonly newId: () => string;
  readonly everyMs: number;
}

@Injectable()
class ErasureLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly worker: ErasureWorker) {}

  onApplicationBootstrap(): void {
    this.worker.start();
  }

  /** Before connections close. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}

/** Erasing: by request, by policy, and of whole tenants. */
@Module({})
export class ErasureModule {
  static register(dependencies: ErasureDependencies): DynamicModule {
    const { auth, store, edges, runner, sealer, database, erasures, checkpoints, newId, everyMs } = dependencies;
    const erasure = new ResourceErasure(runner, store.log, edges, sealer);
    return {
      module: ErasureModule,
      imports: [auth],
      controllers: [OffboardingController],
      providers: [
        { provide: ResourceErasure, useValue: erasure },
        {
          provide: ErasureMetrics,
          inject: [Registry],
          useFactory: (registry: Registry) => new ErasureMetrics(registry),
        },
        {
          provide: ErasureWorker,
          inject: [ErasureMetrics, ControlFollower, Clock, LOGGER],
          useFactory: (metrics: ErasureMetrics, follower: ControlFollower, { now }: Clock, logger: Logger) => {
            const onErased = (tenantId: string, resourceId: string) => {
              metrics.erasures.inc({ cause: 'policy' });
              logger.info({ tenantId, resourceId }, 'erased some days after its deletion, as the tenant wishes');
            };
            const policy = new ErasurePolicyWork({ log: store.log, erasure, checkpoints, onErased });
            return new ErasureWorker(
              { erasures, policy, runner, follower, sealer, database, metrics, logger, now, newId },
              everyMs,
            );
          },
        },
        ErasureLifecycle,
      ],
      exports: [ResourceErasure, ErasureMetrics, ErasureWorker],
    };
  }
}
